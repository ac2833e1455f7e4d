//! The `file` of a message: what a phone sends along, given or made up.
//!
//! `{"base64": …}` are its bytes, `{"bytes": n}` a file of that length; without either it is a small
//! sample. `mimeType` and `filename` are believed, as Meta believes them.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::meta::control::Problem;
use crate::meta::media::{self, Kind, LARGEST_INBOUND, Medium, Origin};
use crate::meta::number::WaNumber;

/// The largest request that carries a file.
pub(super) const LARGEST_BODY: usize = LARGEST_INBOUND / 3 * 4 + (1 << 20);

/// A file as it is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Wanted {
    base64: Option<String>,
    bytes: Option<usize>,
    mime_type: Option<String>,
    filename: Option<String>,
}

/// A file that lies in the phone's hand.
#[derive(Clone, Debug)]
pub(super) struct Attachment {
    kind: Kind,
    mime_type: String,
    filename: Option<String>,
    /// Nothing when it is larger than Meta takes.
    bytes: Option<Bytes>,
}

impl Attachment {
    /// The file of a message of this kind, whose content may name its type and its name too.
    pub(super) fn parse(kind: Kind, content: &Value, file: Option<Value>) -> Result<Self, Problem> {
        let wanted = match file {
            None | Some(Value::Null) => Wanted::default(),
            Some(file) => serde_json::from_value(file)
                .map_err(|error| Problem::bad(format!("file: {error}")))?,
        };
        let Wanted { base64, bytes, mime_type, filename } = wanted;
        let said = |field: &str| content[field].as_str().map(str::to_owned);
        let mime_type =
            mime_type.or_else(|| said("mime_type")).unwrap_or_else(|| kind.usual_type().to_owned());
        let bytes = match (base64, bytes) {
            (Some(_), Some(_)) => return Err(Problem::bad("file: either base64 or bytes")),
            (Some(text), None) => Some(Bytes::from(
                STANDARD.decode(text).map_err(|_| Problem::bad("file.base64 is not base64"))?,
            )),
            (None, Some(length)) if length > LARGEST_INBOUND => None,
            (None, Some(length)) => Some(media::filler(&mime_type, length)),
            (None, None) => Some(media::sample(&mime_type)),
        };
        let bytes = bytes.filter(|bytes| bytes.len() <= LARGEST_INBOUND);
        let usual = (kind == Kind::Document).then(|| String::from("document.pdf"));
        let filename = filename.or_else(|| said("filename")).or(usual);
        Ok(Self { kind, mime_type, filename, bytes })
    }

    /// Hands the file to Meta: it is kept, and the content says how it is found again. What the
    /// content says already stays, so that it can lie. Answers nothing when it is too large.
    pub(super) fn hand_over(
        &self,
        content: &mut Map<String, Value>,
        phone_number_id: &str,
        from: &WaNumber,
        now_ms: i64,
    ) -> Option<Arc<Medium>> {
        let Self { kind, mime_type, filename, bytes } = self;
        let origin = Origin::Received(from.clone());
        let (mime_type, filename) = (mime_type.clone(), filename.clone());
        let medium =
            Medium::new(phone_number_id, origin, mime_type, filename, bytes.clone()?, now_ms);
        let mut say = |field: &str, value: Value| {
            content.entry(field).or_insert(value);
        };
        say("id", json!(medium.id));
        say("mime_type", json!(medium.mime_type));
        say("sha256", json!(medium.digest_base64()));
        match kind {
            Kind::Audio => say("voice", json!(medium.mime_type.contains("opus"))),
            Kind::Sticker => say("animated", json!(false)),
            Kind::Document => say("filename", json!(medium.filename)),
            Kind::Image | Kind::Video => {}
        }
        Some(Arc::new(medium))
    }
}
