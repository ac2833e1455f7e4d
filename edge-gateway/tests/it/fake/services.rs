//! The services of the fake core.

use std::sync::Arc;

use linkojob_proto::v1::{self as pb, subscribe_response::Frame};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use super::{
    State,
    log::{Place, cursor},
    onboarding, samples,
};

#[derive(Clone, Debug)]
pub(super) struct Service(pub(super) Arc<State>);

type Answer<T> = Result<Response<T>, Status>;

/// Unary methods: record, obey, answer.
macro_rules! canned {
    ($($service:path { $($name:ident($request:ident) -> $response:ident = |$state:pat_param, $asked:pat_param| $answer:expr;)+ })+) => {$(
        #[tonic::async_trait]
        impl $service for Service {$(
            async fn $name(&self, request: Request<pb::$request>) -> Answer<pb::$response> {
                self.0.record(stringify!($name), &request);
                self.0.obey().await?;
                let ($state, $asked) = (&self.0, request.into_inner());
                Ok(Response::new($answer))
            }
        )+}
    )+};
}

canned! {
    pb::client_service_server::ClientService {
        create_client(CreateClientRequest) -> CreateClientResponse =
            |_, asked| pb::CreateClientResponse { client: Some(samples::client()), created: asked.label.as_deref() != Some("again") };
        get_client(GetClientRequest) -> GetClientResponse =
            |_, _| pb::GetClientResponse { client: Some(samples::client()) };
        list_clients(ListClientsRequest) -> ListClientsResponse =
            |_, _| pb::ListClientsResponse { clients: vec![samples::client()], next_page_token: "more".to_owned() };
        update_client(UpdateClientRequest) -> UpdateClientResponse =
            |_, _| pb::UpdateClientResponse { client: Some(samples::client()) };
        delete_client(DeleteClientRequest) -> DeleteClientResponse =
            |_, _| pb::DeleteClientResponse {};
    }
    pb::onboarding_service_server::OnboardingService {
        begin_consent(BeginConsentRequest) -> BeginConsentResponse = |_, _| onboarding::consent();
        complete_consent(CompleteConsentRequest) -> CompleteConsentResponse =
            |state, _| state.onboarding.lock().expect("lock").complete()?;
        exchange_code(ExchangeCodeRequest) -> ExchangeCodeResponse =
            |state, _| pb::ExchangeCodeResponse { client: Some(state.onboarding.lock().expect("lock").client()) };
        resume_onboarding(ResumeOnboardingRequest) -> ResumeOnboardingResponse =
            |state, _| pb::ResumeOnboardingResponse { client: Some(state.onboarding.lock().expect("lock").client()) };
        register_number(RegisterNumberRequest) -> RegisterNumberResponse =
            |_, _| pb::RegisterNumberResponse { client: Some(samples::client()) };
        disconnect(DisconnectRequest) -> DisconnectResponse = |_, _| onboarding::disconnected();
        deauthorize(DeauthorizeRequest) -> DeauthorizeResponse = |state, asked| pb::DeauthorizeResponse {
            confirmation_code: if asked.delete_data { "deletion-1".to_owned() } else { String::new() },
            status_url: state.onboarding.lock().expect("lock").status_url.clone(),
        };
        get_onboarding_settings(GetOnboardingSettingsRequest) -> GetOnboardingSettingsResponse =
            |state, _| pb::GetOnboardingSettingsResponse { return_url: state.onboarding.lock().expect("lock").return_url.clone() };
    }
    pb::message_service_server::MessageService {
        send_text(SendTextRequest) -> SendTextResponse = |state, asked| pb::SendTextResponse {
            message: Some(samples::message(*state.message_status.lock().expect("lock"), asked.text)),
            replayed: *state.replayed.lock().expect("lock"),
        };
        send_template(SendTemplateRequest) -> SendTemplateResponse = |state, _| pb::SendTemplateResponse {
            message: Some(samples::message(*state.message_status.lock().expect("lock"), String::new())),
            replayed: *state.replayed.lock().expect("lock"),
        };
        get_message(GetMessageRequest) -> GetMessageResponse =
            |_, _| pb::GetMessageResponse { message: Some(samples::message(pb::MessageStatus::Read, "hi".to_owned())) };
    }
    pb::conversation_service_server::ConversationService {
        list_conversations(ListConversationsRequest) -> ListConversationsResponse =
            |_, _| pb::ListConversationsResponse { conversations: vec![samples::conversation()], next_page_token: String::new() };
        get_conversation(GetConversationRequest) -> GetConversationResponse =
            |_, _| pb::GetConversationResponse { conversation: Some(samples::conversation()) };
        delete_conversation(DeleteConversationRequest) -> DeleteConversationResponse =
            |_, _| pb::DeleteConversationResponse {};
        list_messages(ListMessagesRequest) -> ListMessagesResponse =
            |_, _| pb::ListMessagesResponse { messages: vec![samples::message(pb::MessageStatus::Read, "hi".to_owned())], next_page_token: String::new() };
        mark_read(MarkReadRequest) -> MarkReadResponse =
            |_, _| pb::MarkReadResponse { conversation: Some(samples::conversation()) };
        get_window(GetWindowRequest) -> GetWindowResponse = |_, asked| pb::GetWindowResponse {
            conversation_id: asked.conversation_id,
            open: false,
            expires_at: Some(samples::AT),
            remaining_seconds: 0,
            next_template: pb::TemplatePurpose::Reengage.into(),
        };
    }
    pb::template_service_server::TemplateService {
        list_templates(ListTemplatesRequest) -> ListTemplatesResponse =
            |_, _| pb::ListTemplatesResponse { templates: vec![samples::template()], next_page_token: String::new() };
        sync_templates(SyncTemplatesRequest) -> SyncTemplatesResponse =
            |_, _| pb::SyncTemplatesResponse { total: 4, changed: 1 };
        set_template_purpose(SetTemplatePurposeRequest) -> SetTemplatePurposeResponse =
            |_, _| pb::SetTemplatePurposeResponse { template: Some(samples::template()) };
    }
    pb::presence_service_server::PresenceService {
        signal_typing(SignalTypingRequest) -> SignalTypingResponse = |state, asked| {
            let pb::SignalTypingRequest { owner: _, conversation_id, typing, origin } = asked;
            let email = "recruiter@linkojob.test".to_owned();
            let signal = pb::Signal { owner: email.clone(), conversation_id, email, typing, origin };
            let _listeners = state.signals.send(signal);
            pb::SignalTypingResponse {}
        };
    }
    pb::webhook_service_server::WebhookService {
        deliver(DeliverRequest) -> DeliverResponse = |_, _| pb::DeliverResponse { duplicate: false };
        list_deliveries(ListDeliveriesRequest) -> ListDeliveriesResponse =
            |_, _| pb::ListDeliveriesResponse::default();
        get_delivery(GetDeliveryRequest) -> GetDeliveryResponse =
            |_, _| pb::GetDeliveryResponse::default();
        replay_deliveries(ReplayDeliveriesRequest) -> ReplayDeliveriesResponse =
            |_, _| pb::ReplayDeliveriesResponse::default();
    }
}

#[tonic::async_trait]
impl pb::event_service_server::EventService for Service {
    type SubscribeStream = ReceiverStream<Result<pb::SubscribeResponse, Status>>;

    async fn subscribe(
        &self,
        request: Request<pb::SubscribeRequest>,
    ) -> Answer<Self::SubscribeStream> {
        self.0.record("subscribe", &request);
        self.0.obey().await?;
        if !request.metadata().contains_key("x-actor-email") {
            return Err(Status::permission_denied("the edge follows nobody for itself"));
        }
        let asked = request.into_inner().subscriptions.remove(0);
        let (sender, receiver) = mpsc::channel(16);
        tokio::spawn(follow(Arc::clone(&self.0), asked, sender));
        Ok(Response::new(ReceiverStream::new(receiver)))
    }

    async fn list_events(
        &self,
        request: Request<pb::ListEventsRequest>,
    ) -> Answer<pb::ListEventsResponse> {
        self.0.record("list_events", &request);
        self.0.obey().await?;
        let pb::ListEventsRequest { owner: _, after, page_size } = request.into_inner();
        let log = self.0.log.lock().expect("lock");
        let place = if after.is_empty() { Place::At(0) } else { log.place(&after)? };
        let Place::At(position) = place else {
            let next_cursor = cursor(log.end());
            let answer = pb::ListEventsResponse {
                events: Vec::new(),
                next_cursor,
                reset: true,
                more: false,
            };
            return Ok(Response::new(answer));
        };
        let rest = log.from(position);
        let events: Vec<_> = rest.iter().take(page_size as usize).cloned().collect();
        let more = events.len() < rest.len();
        let next_cursor = cursor(position + events.len());
        Ok(Response::new(pb::ListEventsResponse { events, next_cursor, reset: false, more }))
    }

    async fn get_position(
        &self,
        request: Request<pb::GetPositionRequest>,
    ) -> Answer<pb::GetPositionResponse> {
        self.0.record("get_position", &request);
        self.0.obey().await?;
        let log = self.0.log.lock().expect("lock");
        let after = request.into_inner().after;
        let reset = !after.is_empty() && matches!(log.place(&after)?, Place::TooOld);
        Ok(Response::new(pb::GetPositionResponse { cursor: cursor(log.end()), reset }))
    }
}

async fn follow(
    state: Arc<State>,
    asked: pb::Subscription,
    sender: mpsc::Sender<Result<pb::SubscribeResponse, Status>>,
) {
    let stop = state.streams.lock().expect("lock").clone();
    let mut news = state.news.subscribe();
    let mut signals = state.signals.subscribe();
    let mut beats = state.beats.subscribe();
    let owner = asked.owner;
    let mut position = {
        let log = state.log.lock().expect("lock");
        match (asked.after.is_empty(), log.place(&asked.after)) {
            (false, Ok(Place::At(position))) => position,
            _ => log.end(),
        }
    };
    let say =
        async |frame| sender.send(Ok(pb::SubscribeResponse { frame: Some(frame) })).await.is_ok();
    say(Frame::Ready(pb::Position { owner: owner.clone(), cursor: cursor(position) })).await;
    state.opened.send_modify(|opened| *opened += 1);
    loop {
        let events = state.log.lock().expect("lock").from(position).to_vec();
        position += events.len();
        for event in events {
            if !say(Frame::Event(event)).await {
                return;
            }
        }
        tokio::select! {
            _ = news.changed() => {}
            _ = beats.changed() => {
                let place = pb::Position { owner: owner.clone(), cursor: cursor(position) };
                say(Frame::Heartbeat(place)).await;
            }
            Ok(signal) = signals.recv() => { say(Frame::Signal(signal)).await; }
            () = stop.cancelled() => return,
            () = sender.closed() => return,
        }
    }
}
