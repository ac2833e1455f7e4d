//! Every call that the edge makes, with its deadline and whether it may be repeated.

use std::time::Duration;

use linkojob_proto::v1::{
    self as pb, client_service_client::ClientServiceClient,
    conversation_service_client::ConversationServiceClient,
    event_service_client::EventServiceClient, message_service_client::MessageServiceClient,
    onboarding_service_client::OnboardingServiceClient,
    presence_service_client::PresenceServiceClient, template_service_client::TemplateServiceClient,
    webhook_service_client::WebhookServiceClient,
};
use tonic::Status;

use super::{Call, Core, Lane, MESSAGE_LIMIT, Repeat, Terms};

/// Leaves the rest of Meta's patience to the network and the answer.
pub const DELIVER_DEADLINE: Duration = Duration::from_millis(1_800);
/// One read or write of the store.
const QUICK: Duration = Duration::from_secs(5);
/// The core waits up to 10 s for Meta; its own answer must come before our deadline.
const SEND: Duration = Duration::from_secs(15);
/// Several calls to Meta, one after the other.
const META: Duration = Duration::from_secs(45);
/// A walk over all clients.
const WALK: Duration = Duration::from_secs(15);
/// Worth nothing when late.
const SIGNAL: Duration = Duration::from_secs(2);

macro_rules! calls {
    ($($client:ident { $($name:ident($request:ident) -> $response:ident within $deadline:ident, repeat $repeat:ident;)+ })+) => {
        impl Core {$($(
            #[doc = concat!("Calls `", stringify!($name), "` at the core.")]
            ///
            /// # Errors
            /// With the core's status, or `UNAVAILABLE` and `DEADLINE_EXCEEDED` of our own.
            pub async fn $name(
                &self,
                call: &Call,
                message: pb::$request,
            ) -> Result<pb::$response, Status> {
                let terms =
                    Terms { deadline: $deadline, lane: Lane::Calls, repeat: Repeat::$repeat };
                let (answer, _) = self
                    .run(call, terms, message, |channel, request| async move {
                        let mut client =
                            $client::new(channel).max_decoding_message_size(MESSAGE_LIMIT);
                        client.$name(request).await
                    })
                    .await?;
                Ok(answer)
            }
        )+)+}
    };
}

calls! {
    ClientServiceClient {
        create_client(CreateClientRequest) -> CreateClientResponse within META, repeat Never;
        get_client(GetClientRequest) -> GetClientResponse within QUICK, repeat Safe;
        list_clients(ListClientsRequest) -> ListClientsResponse within QUICK, repeat Safe;
        update_client(UpdateClientRequest) -> UpdateClientResponse within QUICK, repeat Never;
        delete_client(DeleteClientRequest) -> DeleteClientResponse within META, repeat Never;
    }
    OnboardingServiceClient {
        begin_consent(BeginConsentRequest) -> BeginConsentResponse within QUICK, repeat Never;
        complete_consent(CompleteConsentRequest) -> CompleteConsentResponse within META, repeat Never;
        exchange_code(ExchangeCodeRequest) -> ExchangeCodeResponse within META, repeat Never;
        resume_onboarding(ResumeOnboardingRequest) -> ResumeOnboardingResponse within META, repeat Never;
        register_number(RegisterNumberRequest) -> RegisterNumberResponse within META, repeat Never;
        disconnect(DisconnectRequest) -> DisconnectResponse within META, repeat Never;
        deauthorize(DeauthorizeRequest) -> DeauthorizeResponse within WALK, repeat Safe;
        get_onboarding_settings(GetOnboardingSettingsRequest) -> GetOnboardingSettingsResponse within QUICK, repeat Safe;
    }
    MessageServiceClient {
        send_text(SendTextRequest) -> SendTextResponse within SEND, repeat Safe;
        send_template(SendTemplateRequest) -> SendTemplateResponse within SEND, repeat Safe;
        get_message(GetMessageRequest) -> GetMessageResponse within QUICK, repeat Safe;
    }
    ConversationServiceClient {
        list_conversations(ListConversationsRequest) -> ListConversationsResponse within QUICK, repeat Safe;
        get_conversation(GetConversationRequest) -> GetConversationResponse within QUICK, repeat Safe;
        delete_conversation(DeleteConversationRequest) -> DeleteConversationResponse within QUICK, repeat Never;
        list_messages(ListMessagesRequest) -> ListMessagesResponse within QUICK, repeat Safe;
        mark_read(MarkReadRequest) -> MarkReadResponse within QUICK, repeat Never;
        get_window(GetWindowRequest) -> GetWindowResponse within QUICK, repeat Safe;
    }
    TemplateServiceClient {
        list_templates(ListTemplatesRequest) -> ListTemplatesResponse within QUICK, repeat Safe;
        sync_templates(SyncTemplatesRequest) -> SyncTemplatesResponse within META, repeat Never;
        set_template_purpose(SetTemplatePurposeRequest) -> SetTemplatePurposeResponse within QUICK, repeat Never;
    }
    EventServiceClient {
        list_events(ListEventsRequest) -> ListEventsResponse within QUICK, repeat Safe;
        get_position(GetPositionRequest) -> GetPositionResponse within QUICK, repeat Safe;
    }
    PresenceServiceClient {
        signal_typing(SignalTypingRequest) -> SignalTypingResponse within SIGNAL, repeat Never;
    }
    WebhookServiceClient {
        deliver(DeliverRequest) -> DeliverResponse within DELIVER_DEADLINE, repeat Safe;
    }
}
