//! `MediaService`.

use std::pin::Pin;

use futures_util::{Stream, StreamExt as _, stream};
use linkojob_proto::v1::{
    DownloadMediaRequest, DownloadMediaResponse, MediaInfo, download_media_response::Frame,
    media_service_server::MediaService,
};
use tonic::{Request, Response, Status, async_trait};

use super::{
    api::{Api, open},
    parse,
    status::{of, of_refusal},
};
use crate::flows::{Error, media::Served};

/// A file as frames.
type Frames = Pin<Box<dyn Stream<Item = Result<DownloadMediaResponse, Status>> + Send + 'static>>;

#[async_trait]
impl MediaService for Api {
    type DownloadMediaStream = Frames;

    async fn download_media(
        &self,
        request: Request<DownloadMediaRequest>,
    ) -> Result<Response<Frames>, Status> {
        let (caller, request) = open(request)?;
        let DownloadMediaRequest { owner, message_id, range, range_of, info_only } = request;
        let scope = caller.scope(&owner).map_err(of_refusal)?;
        let id = parse::message_id(&message_id).map_err(of_refusal)?;
        let part = parse::part(range, range_of).map_err(of_refusal)?;
        let file = self.core.file(&scope, id, &part).await.map_err(of)?;
        let first = stream::iter([Ok(frame(Frame::Info(info(&file))))]);
        if info_only {
            return Ok(Response::new(first.boxed()));
        }
        let chunks = self.core.read_file(&file).await.map_err(of)?;
        // What fails on the way ends the stream with its reason: the file is short then, and says so.
        let rest = chunks.map(|chunk| match chunk {
            Ok(chunk) => Ok(frame(Frame::Chunk(chunk))),
            Err(error) => Err(of(Error::from(error))),
        });
        Ok(Response::new(first.chain(rest).boxed()))
    }
}

const fn frame(frame: Frame) -> DownloadMediaResponse {
    DownloadMediaResponse { frame: Some(frame) }
}

fn info(file: &Served) -> MediaInfo {
    let part = file.part.clone().unwrap_or_default();
    MediaInfo {
        mime_type: file.mime_type.clone(),
        content_type: file.content_type.clone(),
        filename: file.filename.clone(),
        size: file.size.cast_signed(),
        sha256: file.sha256.clone(),
        start: part.start.cast_signed(),
        end: part.end.cast_signed(),
        unsatisfiable: file.part.is_none(),
    }
}
