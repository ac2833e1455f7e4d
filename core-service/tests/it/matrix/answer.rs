//! What a call answered, in a form in which two answers can be compared: ids and times are taken out.

use std::collections::BTreeMap;

use bytes::{Buf, BufMut as _};
use prost::encoding::{WireType, decode_key, decode_varint};
use prost_types::field_descriptor_proto::Type;
use tonic::{
    Code, Status,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
};
use tonic_types::StatusExt as _;

use super::api::{Api, bare};

/// An answer without what differs between any two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub code: Code,
    pub words: String,
    /// Its details: reason, domain, metadata, fields, when to come back.
    pub details: Vec<String>,
    /// The names of its metadata.
    pub metadata: Vec<String>,
    /// What the message in it says, by path.
    pub says: Vec<String>,
}

impl Answer {
    /// An answer that is good.
    pub fn good(metadata: &tonic::metadata::MetadataMap, says: Vec<String>) -> Self {
        let (words, details) = (String::new(), Vec::new());
        Self { code: Code::Ok, words, details, metadata: names(metadata), says }
    }

    /// A refusal.
    pub fn refusal(status: &Status) -> Self {
        let details = status.get_error_details();
        let mut said = Vec::new();
        if let Some(info) = details.error_info() {
            said.push(format!("{} {}", info.domain, info.reason));
            let facts: BTreeMap<_, _> = info.metadata.iter().collect();
            said.extend(facts.into_iter().map(|(name, value)| format!("{name}={}", plain(value))));
        }
        said.extend(details.bad_request().map(|fields| format!("{fields:?}")));
        said.extend(details.retry_info().map(|retry| format!("{retry:?}")));
        let (words, metadata) = (plain(status.message()), names(status.metadata()));
        Self { code: status.code(), words, details: said, metadata, says: Vec::new() }
    }

    /// The same answer, where it repeats what was tried.
    pub fn without(mut self, tried: &str) -> Self {
        if tried.is_empty() {
            return self;
        }
        let texts = [&mut self.details, &mut self.says].into_iter().flatten();
        for text in texts.chain([&mut self.words]) {
            *text = text.replace(tried, "<tried>");
        }
        self
    }
}

fn names(metadata: &tonic::metadata::MetadataMap) -> Vec<String> {
    let mut names: Vec<_> =
        metadata.as_ref().iter().map(|(name, _)| name.as_str().to_owned()).collect();
    names.sort();
    names
}

/// A text without the ids that are new with every message.
fn plain(text: &str) -> String {
    let word = |word: &str| {
        let minted = uuid::Uuid::try_parse(word).is_ok() || word.starts_with("wamid.");
        if minted { "<id>".to_owned() } else { word.to_owned() }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// What a message of ours says: `path=value` for each of its fields.
pub fn read(api: &Api, message: &str, mut bytes: &[u8], above: &str) -> Vec<String> {
    let description = api.message(message).unwrap();
    let mut said = Vec::new();
    while bytes.has_remaining() {
        let (number, wire) = decode_key(&mut bytes).unwrap();
        let number = i32::try_from(number).unwrap();
        let field = description.field.iter().find(|field| field.number() == number).unwrap();
        let path = format!("{above}{}", field.name());
        match wire {
            WireType::Varint => {
                said.push(format!("{path}={}", decode_varint(&mut bytes).unwrap()));
            }
            WireType::LengthDelimited => {
                let length = usize::try_from(decode_varint(&mut bytes).unwrap()).unwrap();
                let (content, rest) = bytes.split_at(length);
                bytes = rest;
                let inner = bare(field.type_name());
                match field.r#type() {
                    Type::Message if api.message(inner).is_some() => {
                        said.extend(read(api, inner, content, &format!("{path}.")));
                    }
                    Type::Message => said.push(format!("{path}=<time>")),
                    _ => said.push(format!("{path}={}", plain(&String::from_utf8_lossy(content)))),
                }
            }
            WireType::SixtyFourBit => {
                said.push(format!("{path}={}", bytes.get_u64_le()));
            }
            WireType::ThirtyTwoBit | WireType::StartGroup | WireType::EndGroup => {
                panic!("{path} is written in a way that no field of ours is")
            }
        }
    }
    said
}

/// Sends and takes messages as the bytes that they are.
#[derive(Default)]
pub struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining()).to_vec()))
    }
}
