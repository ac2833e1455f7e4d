//! Clients: connecting, changing, registering.

use linkojob_proto::v1 as pb;

use super::{Fields, given, text};
use crate::{
    domain::{
        ids::{PhoneNumberId, WabaId},
        refusal::Refusal,
    },
    flows::{
        clients::ClientPatch,
        onboard::{Link, NewClient},
    },
    secret::Secret,
};

/// The longest access token; Meta's have a few hundred characters.
const TOKEN: usize = 4096;
/// Said of whichever of the three is missing.
const TOGETHER: &str = "phone_number_id, waba_id and access_token come all together or not at all";

/// Reads how an owner wants to be connected.
pub(in crate::grpc) fn new_client(request: pb::CreateClientRequest) -> Result<NewClient, Refusal> {
    // The owner was settled with the caller's identity.
    let pb::CreateClientRequest { owner: _, label, phone_number_id, waba_id, access_token } =
        request;
    // Wrapped first, so that a refused token is wiped too.
    let access_token = access_token.map(Secret::new);
    let mut fields = Fields::default();
    let label = fields.read_if("label", label, text::label);
    let linked = phone_number_id.is_some() || waba_id.is_some() || access_token.is_some();
    if !linked {
        return fields.finish(|| Some(NewClient { label: label?, link: None }));
    }
    let number = read_or_miss(&mut fields, "phone_number_id", phone_number_id, |text| {
        PhoneNumberId::parse(&text).map_err(|_| "must be Meta's id of a phone number")
    });
    let waba = read_or_miss(&mut fields, "waba_id", waba_id, |text| {
        WabaId::parse(&text).map_err(|_| "must be Meta's id of a WhatsApp Business account")
    });
    let token = read_or_miss(&mut fields, "access_token", access_token, token);
    fields.finish(|| {
        let link = Link { phone_number_id: number?, waba_id: waba?, token: token? };
        Some(NewClient { label: label?, link: Some(link) })
    })
}

/// Reads what is to be changed.
pub(in crate::grpc) fn patch(request: pb::UpdateClientRequest) -> Result<ClientPatch, Refusal> {
    let pb::UpdateClientRequest { owner: _, label, settings } = request;
    let mut fields = Fields::default();
    let label = fields.read_if("label", label, text::label);
    let pb::ClientSettingsPatch { send_read_receipts, forward_typing, template_language } =
        settings.unwrap_or_default();
    let template_language =
        fields.read_if("settings.template_language", template_language, |language| {
            given(language).map(text::language).transpose()
        });
    fields.finish(|| {
        Some(ClientPatch {
            label: label?,
            send_read_receipts,
            forward_typing,
            template_language: template_language?,
        })
    })
}

/// Reads the PIN of a number.
pub(in crate::grpc) fn pin(text: String) -> Result<Secret, Refusal> {
    let pin = Secret::new(text);
    let digits = pin.expose().bytes().all(|byte| byte.is_ascii_digit());
    if digits && pin.expose().len() == 6 {
        Ok(pin)
    } else {
        Err(Refusal::field("pin", "must be six digits"))
    }
}

fn token(token: Secret) -> Result<Secret, &'static str> {
    let shaped = (1..=TOKEN).contains(&token.expose().len())
        && token.expose().bytes().all(|byte| byte.is_ascii_graphic());
    if shaped { Ok(token) } else { Err("must be 1 to 4096 visible ASCII characters") }
}

fn read_or_miss<T, U>(
    fields: &mut Fields,
    field: &str,
    value: Option<U>,
    parse: impl FnOnce(U) -> Result<T, &'static str>,
) -> Option<T> {
    fields.read(field, value.ok_or(TOGETHER).and_then(parse))
}

#[cfg(test)]
mod tests {
    use super::{super::wrong_fields, *};

    fn create(
        number: Option<&str>,
        waba: Option<&str>,
        token: Option<&str>,
    ) -> pb::CreateClientRequest {
        pb::CreateClientRequest {
            owner: String::new(),
            label: Some("Berlin".to_owned()),
            phone_number_id: number.map(str::to_owned),
            waba_id: waba.map(str::to_owned),
            access_token: token.map(str::to_owned),
        }
    }

    #[test]
    fn all_three_or_none() {
        assert!(new_client(create(None, None, None)).unwrap().link.is_none());
        let link = new_client(create(Some("1"), Some("2"), Some("canary"))).unwrap().link.unwrap();
        assert_eq!((link.phone_number_id.as_str(), link.token.expose()), ("1", "canary"));
        let missing = wrong_fields(new_client(create(Some("1"), None, None)));
        assert_eq!(missing, ["waba_id", "access_token"]);
        let wrong = wrong_fields(new_client(create(Some(""), Some("a b"), Some("canary\n"))));
        assert_eq!(wrong, ["phone_number_id", "waba_id", "access_token"]);
    }

    #[test]
    fn a_refused_token_is_not_repeated() {
        let refused = new_client(create(None, None, Some("canary token"))).unwrap_err();
        assert!(!format!("{refused:?}").contains("canary"));
    }

    #[test]
    fn an_empty_language_clears_it_and_an_absent_one_stays() {
        let with = |language: Option<&str>| pb::UpdateClientRequest {
            settings: Some(pb::ClientSettingsPatch {
                template_language: language.map(str::to_owned),
                ..pb::ClientSettingsPatch::default()
            }),
            ..pb::UpdateClientRequest::default()
        };
        assert_eq!(patch(with(None)).unwrap().template_language, None);
        assert_eq!(patch(with(Some(""))).unwrap().template_language, Some(None));
        let german = patch(with(Some("de"))).unwrap().template_language;
        assert_eq!(german, Some(Some("de".to_owned())));
        assert_eq!(wrong_fields(patch(with(Some("?")))), ["settings.template_language"]);
    }

    #[test]
    fn a_pin_has_six_digits() {
        assert_eq!(pin("012345".to_owned()).unwrap().expose(), "012345");
        for wrong in ["", "12345", "1234567", "12345a", "１２３４５６"] {
            assert!(pin(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
