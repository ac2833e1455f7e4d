//! The API as its descriptors tell it: every call, and every field of its request that carries text.

use std::collections::{BTreeMap, BTreeSet};

use prost::Message as _;
use prost_types::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorSet, field_descriptor_proto::Type,
};

/// The package of what is ours.
const PACKAGE: &str = "linkojob.whatsapp.v1";

/// Every message and call of the API.
pub struct Api {
    messages: BTreeMap<String, DescriptorProto>,
    pub calls: Vec<Call>,
}

/// One call.
#[derive(Debug, Clone)]
pub struct Call {
    /// `Service/Call`.
    pub name: String,
    pub input: String,
    pub output: String,
    /// Its request's fields of text or bytes, nested ones too.
    pub fields: Vec<Field>,
}

/// A field of a request, however deep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// From the request on, such as `options.target.to`.
    pub path: String,
    /// The message that it stands in.
    pub message: String,
    pub name: String,
}

impl Api {
    /// Reads the descriptors.
    pub fn read() -> Self {
        let set = FileDescriptorSet::decode(linkojob_proto::DESCRIPTORS).unwrap();
        let ours: Vec<_> = set.file.iter().filter(|file| file.package() == PACKAGE).collect();
        let messages = ours.iter().flat_map(|file| &file.message_type);
        let messages = messages.map(|message| (message.name().to_owned(), message.clone()));
        let mut api = Self { messages: messages.collect(), calls: Vec::new() };
        for service in ours.iter().flat_map(|file| &file.service) {
            for method in &service.method {
                let input = bare(method.input_type()).to_owned();
                api.calls.push(Call {
                    name: format!("{}/{}", service.name(), method.name()),
                    output: bare(method.output_type()).to_owned(),
                    fields: api.fields(&input, ""),
                    input,
                });
            }
        }
        api
    }

    /// The path that a call of this name is requested at.
    pub fn path(call: &Call) -> String {
        format!("/{PACKAGE}.{}", call.name)
    }

    /// The description of a message of ours; none for those of Google's.
    pub fn message(&self, name: &str) -> Option<&DescriptorProto> {
        self.messages.get(name)
    }

    fn fields(&self, message: &str, above: &str) -> Vec<Field> {
        let mut found = Vec::new();
        for field in &self.messages[message].field {
            let path = format!("{above}{}", field.name());
            match field.r#type() {
                Type::String | Type::Bytes => found.push(Field {
                    path,
                    message: message.to_owned(),
                    name: field.name().to_owned(),
                }),
                Type::Message => {
                    let inner = bare(field.type_name());
                    if self.messages.contains_key(inner) {
                        found.extend(self.fields(inner, &format!("{path}.")));
                    } else {
                        assert_eq!(field.type_name(), ".google.protobuf.Timestamp", "{path}");
                    }
                }
                Type::Bool | Type::Int32 | Type::Int64 | Type::Enum | Type::Double => {}
                other => panic!("{path}: {other:?} carries what nobody has thought of"),
            }
        }
        found
    }

    /// A request in which these paths have these values: in a `oneof` the first of them alone.
    pub fn encode(&self, message: &str, values: &Values) -> Vec<u8> {
        self.encode_below(message, "", values)
    }

    fn encode_below(&self, message: &str, above: &str, values: &Values) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut chosen = BTreeSet::new();
        for field in self.by_urgency(message, above, values) {
            let path = format!("{above}{}", field.name());
            let number = u32::try_from(field.number()).unwrap();
            let inner = bare(field.type_name());
            let content = match field.r#type() {
                Type::Message if self.messages.contains_key(inner) => {
                    self.encode_below(inner, &format!("{path}."), values)
                }
                Type::Int32 => {
                    let Some((_, text)) = values.get(&path) else { continue };
                    prost::encoding::int32::encode(number, &text.parse().unwrap(), &mut bytes);
                    continue;
                }
                _ => {
                    values.get(&path).map(|(_, text)| text.as_bytes().to_vec()).unwrap_or_default()
                }
            };
            let alternative = field.oneof_index.filter(|_| !field.proto3_optional());
            let taken = alternative.is_some_and(|oneof| !chosen.insert(oneof));
            if !content.is_empty() && !taken {
                prost::encoding::bytes::encode(number, &content, &mut bytes);
            } else if let Some(oneof) = alternative.filter(|_| !taken) {
                chosen.remove(&oneof);
            }
        }
        bytes
    }

    /// The fields of a message, those first that must be in it.
    fn by_urgency(
        &self,
        message: &str,
        above: &str,
        values: &Values,
    ) -> Vec<&FieldDescriptorProto> {
        let mut fields: Vec<_> = self.messages[message].field.iter().collect();
        let must = |field: &FieldDescriptorProto| {
            values.get(&format!("{above}{}", field.name())).is_some_and(|(must, _)| *must)
        };
        fields.sort_by_key(|field| !must(field));
        fields
    }
}

/// Values by path, and whether each must be in the request whatever else would be.
pub type Values = BTreeMap<String, (bool, String)>;

/// The name of a message without its package.
pub fn bare(name: &str) -> &str {
    name.strip_prefix('.')
        .and_then(|name| name.strip_prefix(PACKAGE))
        .and_then(|name| name.strip_prefix('.'))
        .unwrap_or(name)
}
