//! `core-service journal show`.

use std::process::ExitCode;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{columns::table, row};
use crate::{
    cli::say::say,
    domain::{
        delivery::DeliveryId,
        journal::{Entry, Kept},
    },
    flows::{
        Core,
        journal::{Piece, Shown},
    },
};

const HEADINGS: [&str; 5] = ["ELEMENT", "KIND", "ABOUT", "BECAME", "WHY"];

pub(super) async fn run(
    core: &Core,
    id: DeliveryId,
    with_body: bool,
    as_json: bool,
) -> Result<ExitCode, String> {
    let shown = core.show_delivery(id).await.map_err(|error| error.to_string())?;
    let Some(Shown { kept: Kept { entry, body }, pieces }) = shown else {
        return Err(format!("there is no delivery {}", id.0));
    };
    let body = with_body.then_some(&body[..]);
    let heard = if as_json {
        say(format!("{}\n", in_json(&entry, &pieces, body)).as_bytes())
    } else {
        say(in_words(&entry, &pieces).as_bytes())?;
        say(&body.map(|body| [b"\n", body, b"\n"].concat()).unwrap_or_default())
    };
    heard.map(|_| ExitCode::SUCCESS)
}

fn in_json(entry: &Entry, pieces: &[Piece], body: Option<&[u8]>) -> Value {
    let mut value = row::json(entry);
    value["elements"] = pieces.iter().map(row::piece).collect();
    if let Some(body) = body {
        // What is no text is given as it is, in a form that JSON can hold.
        match std::str::from_utf8(body) {
            Ok(text) => value["body"] = json!(text),
            Err(_) => value["bodyBase64"] = json!(STANDARD.encode(body)),
        }
    }
    value
}

fn in_words(entry: &Entry, pieces: &[Piece]) -> String {
    let Entry { id, digest, received_at, lane, progress, attempts, outcome: _, size, replayed_at } =
        entry;
    let mut about = vec![
        ("received", row::time(*received_at)),
        ("state", row::progress(*progress).to_owned()),
        ("tries", attempts.to_string()),
        ("lane", lane.number().to_string()),
        ("bytes", size.to_string()),
        ("digest", crate::hex::encode(&digest.0)),
    ];
    about.extend(replayed_at.map(|at| ("asked again", row::time(at))));
    let reason = entry.outcome.as_ref().and_then(|outcome| outcome.reason());
    about.extend(reason.map(|reason| ("why", reason.to_owned())));
    let about: String =
        about.iter().map(|(name, value)| format!("  {name:<11}  {value}\n")).collect();
    let rows: Vec<[String; 5]> = pieces.iter().map(cells).collect();
    format!("delivery {}\n{about}\n{}", id.0, table(HEADINGS, &rows))
}

fn cells(piece: &Piece) -> [String; 5] {
    let Piece { number, kind, about, fate } = piece;
    let (became, why) = row::fate(fate);
    [
        number.to_string(),
        (*kind).to_owned(),
        about.clone().unwrap_or_default(),
        became.to_owned(),
        why.to_owned(),
    ]
}
