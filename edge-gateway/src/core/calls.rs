//! Every call that the edge makes, with its deadline.

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

use super::{Call, Core, Lane, MESSAGE_LIMIT};

/// Leaves the rest of Meta's patience to the network and the answer.
pub const DELIVER_DEADLINE: Duration = Duration::from_millis(1_800);
/// One read or write of the store.
const QUICK: Duration = Duration::from_secs(5);
/// The core waits up to 10 s for Meta; its own answer must come before our deadline.
const SEND: Duration = Duration::from_secs(15);
/// Several calls to Meta, one after the other.
const META: Duration = Duration::from_secs(45);
/// Worth nothing when late.
const SIGNAL: Duration = Duration::from_secs(2);

macro_rules! calls {
    ($($client:ident { $($name:ident($request:ident) -> $response:ident within $deadline:ident;)+ })+) => {
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
                self.run(call, $deadline, Lane::Calls, message, |channel, request| async move {
                    let mut client =
                        $client::new(channel).max_decoding_message_size(MESSAGE_LIMIT);
                    client.$name(request).await
                })
                .await
            }
        )+)+}
    };
}

calls! {
    ClientServiceClient {
        create_client(CreateClientRequest) -> CreateClientResponse within META;
        get_client(GetClientRequest) -> GetClientResponse within QUICK;
        list_clients(ListClientsRequest) -> ListClientsResponse within QUICK;
        update_client(UpdateClientRequest) -> UpdateClientResponse within QUICK;
        delete_client(DeleteClientRequest) -> DeleteClientResponse within META;
    }
    OnboardingServiceClient {
        register_number(RegisterNumberRequest) -> RegisterNumberResponse within META;
    }
    MessageServiceClient {
        send_text(SendTextRequest) -> SendTextResponse within SEND;
        send_template(SendTemplateRequest) -> SendTemplateResponse within SEND;
        get_message(GetMessageRequest) -> GetMessageResponse within QUICK;
    }
    ConversationServiceClient {
        list_conversations(ListConversationsRequest) -> ListConversationsResponse within QUICK;
        get_conversation(GetConversationRequest) -> GetConversationResponse within QUICK;
        delete_conversation(DeleteConversationRequest) -> DeleteConversationResponse within QUICK;
        list_messages(ListMessagesRequest) -> ListMessagesResponse within QUICK;
        mark_read(MarkReadRequest) -> MarkReadResponse within QUICK;
        get_window(GetWindowRequest) -> GetWindowResponse within QUICK;
    }
    TemplateServiceClient {
        list_templates(ListTemplatesRequest) -> ListTemplatesResponse within QUICK;
        sync_templates(SyncTemplatesRequest) -> SyncTemplatesResponse within META;
        set_template_purpose(SetTemplatePurposeRequest) -> SetTemplatePurposeResponse within QUICK;
    }
    EventServiceClient {
        list_events(ListEventsRequest) -> ListEventsResponse within QUICK;
        get_position(GetPositionRequest) -> GetPositionResponse within QUICK;
    }
    PresenceServiceClient {
        signal_typing(SignalTypingRequest) -> SignalTypingResponse within SIGNAL;
    }
    WebhookServiceClient {
        deliver(DeliverRequest) -> DeliverResponse within DELIVER_DEADLINE;
    }
}
