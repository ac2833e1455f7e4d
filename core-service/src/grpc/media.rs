//! `MediaService`: declared, without calls until there is a store for files.

use linkojob_proto::v1::media_service_server::MediaService;

use super::api::Api;

impl MediaService for Api {}
