//! The standard health service.
//!
//! Invariant: a core serves while its store answers and it does not drain. Health streams end with the
//! drain, so that whoever watches does not hold it up.

use std::{pin::Pin, sync::Arc, time::Duration};

use futures_util::{Stream, StreamExt as _};
use linkojob_proto::v1::{
    client_service_server::SERVICE_NAME as CLIENT,
    conversation_service_server::SERVICE_NAME as CONVERSATION,
    event_service_server::SERVICE_NAME as EVENT, media_service_server::SERVICE_NAME as MEDIA,
    message_service_server::SERVICE_NAME as MESSAGE,
    onboarding_service_server::SERVICE_NAME as ONBOARDING,
    presence_service_server::SERVICE_NAME as PRESENCE,
    template_service_server::SERVICE_NAME as TEMPLATE,
    webhook_service_server::SERVICE_NAME as WEBHOOK,
};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, async_trait};
use tonic_health::{
    ServingStatus,
    pb::{
        HealthCheckRequest, HealthCheckResponse,
        health_server::{Health as HealthApi, HealthServer},
    },
    server::{HealthReporter, HealthService},
};

use crate::flows::Core;

/// The whole core, then every service. They stand and fall together.
const NAMES: [&str; 10] =
    ["", CLIENT, CONVERSATION, EVENT, MEDIA, MESSAGE, ONBOARDING, PRESENCE, TEMPLATE, WEBHOOK];

/// The part of the core that has a health of its own.
const STORE: &str = "store";
/// How often the store is asked.
const LOOK: Duration = Duration::from_secs(1);
/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the core tells of its health. Clones share one state.
#[derive(Debug, Clone)]
pub(super) struct Health(HealthReporter);

impl Health {
    /// The health of a core that does not serve yet.
    pub(super) async fn starting() -> Self {
        let health = Self(HealthReporter::new());
        health.set(false).await;
        health
    }

    /// Keeps it true until `stop`.
    pub(super) async fn follow(self, core: Arc<Core>, stop: CancellationToken) {
        let mut works = false;
        let watching = async {
            loop {
                let answer = tokio::time::timeout(PATIENCE, core.store.ping()).await;
                let answers = matches!(answer, Ok(Ok(())));
                if answers != works {
                    works = answers;
                    self.set(works).await;
                    tracing::info!(works, "the store's health changed");
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        let _: Option<()> = stop.run_until_cancelled(watching).await;
        self.set(false).await;
    }

    async fn set(&self, works: bool) {
        let status = if works { ServingStatus::Serving } else { ServingStatus::NotServing };
        for name in NAMES.into_iter().chain([STORE]) {
            self.0.set_service_status(name, status).await;
        }
    }

    /// The service that tells it, until `stop`.
    pub(super) fn server(&self, stop: CancellationToken) -> HealthServer<impl HealthApi + use<>> {
        HealthServer::new(Told { inner: HealthService::from_health_reporter(self.0.clone()), stop })
    }
}

struct Told {
    inner: HealthService,
    stop: CancellationToken,
}

#[async_trait]
impl HealthApi for Told {
    type WatchStream =
        Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send + 'static>>;

    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        self.inner.check(request).await
    }

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let stream = self.inner.watch(request).await?.into_inner();
        let until = self.stop.clone().cancelled_owned();
        Ok(Response::new(stream.take_until(until).boxed()))
    }
}
