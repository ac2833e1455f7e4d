//! The fake core's file: one, in chunks, which may break off or never end.

use linkojob_proto::v1::{self as pb, download_media_response::Frame};
use tokio_stream::{Stream, StreamExt as _, iter};
use tonic::{Request, Response, Status};

use super::services::Service;

/// Its digest, as far as the edge can tell.
pub const DIGEST: &str = "00ff";

/// A file, and how it goes.
#[derive(Clone, Debug)]
pub struct File {
    pub bytes: Vec<u8>,
    pub filename: Option<String>,
    pub content_type: String,
    /// It fails after the first chunk.
    pub breaks: bool,
}

impl Default for File {
    fn default() -> Self {
        Self {
            bytes: (0..200_000_u32).map(|n| n.to_le_bytes()[0]).collect(),
            filename: Some("cv.pdf".to_owned()),
            content_type: "application/pdf".to_owned(),
            breaks: false,
        }
    }
}

fn part(range: Option<pb::ByteRange>, size: i64) -> (i64, i64) {
    match range.map(|pb::ByteRange { first, last }| (first, last)) {
        None | Some((None, None)) => (0, size),
        Some((None, Some(count))) => ((size - count).max(0), size),
        Some((Some(first), last)) => {
            (first, last.map_or(size, |last| last.saturating_add(1).min(size)))
        }
    }
}

type Frames = Box<dyn Stream<Item = Result<pb::DownloadMediaResponse, Status>> + Send + Unpin>;

#[tonic::async_trait]
impl pb::media_service_server::MediaService for Service {
    type DownloadMediaStream = Frames;

    async fn download_media(
        &self,
        request: Request<pb::DownloadMediaRequest>,
    ) -> Result<Response<Frames>, Status> {
        self.0.record("download_media", &request);
        self.0.obey().await?;
        let asked = request.into_inner();
        let File { bytes, filename, content_type, breaks } =
            self.0.file.lock().expect("lock").clone();
        let size = i64::try_from(bytes.len()).expect("a size");
        let range = asked.range.filter(|_| ["", DIGEST].contains(&asked.range_of.as_str()));
        let (start, end) = part(range, size);
        let unsatisfiable = range.is_some() && start >= end;
        let (start, end) = if unsatisfiable { (0, 0) } else { (start, end) };
        let info = pb::MediaInfo {
            mime_type: "text/html".to_owned(),
            content_type,
            filename,
            size,
            sha256: DIGEST.to_owned(),
            start,
            end,
            unsatisfiable,
        };
        let place = |n: i64| usize::try_from(n).expect("a place");
        let chunks = bytes[place(start)..place(end)].chunks(64 * 1024).map(<[u8]>::to_vec);
        let chunks = chunks.map(|chunk| Ok(Frame::Chunk(chunk.into())));
        let mut frames: Vec<Result<Frame, Status>> = vec![Ok(Frame::Info(info))];
        if !asked.info_only {
            frames.extend(chunks);
        }
        if breaks {
            frames.truncate(2);
            frames.push(Err(Status::internal("the disk is gone")));
        }
        let frames = frames
            .into_iter()
            .map(|frame| frame.map(|frame| pb::DownloadMediaResponse { frame: Some(frame) }));
        Ok(Response::new(Box::new(iter(frames).map(|frame| frame))))
    }
}
