//! A file on its way from a core.
//!
//! Files have a connection of their own: somebody who reads slowly fills it, and must fill no other. What one
//! download may have on its way there is small, and all of them together fit, so none waits for another.

use axum::body::Bytes;
use linkojob_proto::v1::{
    self as pb, DownloadMediaRequest, DownloadMediaResponse, MediaInfo,
    download_media_response::Frame, media_service_client::MediaServiceClient,
};
use tonic::{Status, Streaming};

use super::{Call, Core, Lane, MESSAGE_LIMIT, Repeat, STREAM_OPEN, Terms, node::Leaving};

/// A file whose first frame has come.
#[derive(Debug)]
pub(crate) struct Download {
    stream: Streaming<DownloadMediaResponse>,
    leaving: Leaving,
}

impl Core {
    /// Asks for the file of a message; returns what it is, and its bytes.
    ///
    /// # Errors
    /// With the core's status, or `UNAVAILABLE` and `DEADLINE_EXCEEDED` of our own.
    pub(crate) async fn download_media(
        &self,
        call: &Call,
        message: DownloadMediaRequest,
    ) -> Result<(MediaInfo, Download), Status> {
        let terms = Terms { deadline: STREAM_OPEN, lane: Lane::Files, repeat: Repeat::Safe };
        let (stream, node) = self
            .run(call, terms, message, |channel, request| async move {
                let mut client =
                    MediaServiceClient::new(channel).max_decoding_message_size(MESSAGE_LIMIT);
                client.download_media(request).await
            })
            .await?;
        let mut download = Download { stream, leaving: self.nodes[node].leaving() };
        match download.frame().await? {
            Some(Frame::Info(info)) => Ok((info, download)),
            Some(Frame::Chunk(_)) | None => Err(Status::internal("a file begins without its info")),
        }
    }
}

impl Download {
    /// The next bytes; none at the end. Safe to cancel.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Status> {
        match self.frame().await? {
            Some(Frame::Chunk(chunk)) => Ok(Some(chunk)),
            Some(Frame::Info(_)) => Err(Status::internal("a file has two infos")),
            None => Ok(None),
        }
    }

    async fn frame(&mut self) -> Result<Option<Frame>, Status> {
        let Self { stream, leaving } = self;
        let heard = tokio::select! {
            biased;
            heard = stream.message() => heard?,
            () = leaving.gone() => return Err(Status::unavailable("the core fell silent")),
        };
        let Some(pb::DownloadMediaResponse { frame }) = heard else { return Ok(None) };
        frame.map(Some).ok_or_else(|| Status::internal("a frame of a file is empty"))
    }
}
