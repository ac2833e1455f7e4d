//! Keys that seal secrets, and tokens that open the core.

use std::path::PathBuf;

use super::{ConfigError, secret};
use crate::{grpc::auth::ServiceTokens, keys::KeyRing, secret::Secret};

#[derive(clap::Args)]
pub(super) struct KeysArgs {
    /// Keys that seal secrets: `id:base64(32 bytes)`, comma-separated. The first one seals, all open.
    #[arg(long, env = "TOKEN_KEYS", hide_env_values = true, value_parser = secret::take)]
    token_keys: Option<Secret>,
    /// File with the keys that seal secrets.
    #[arg(long, env = "TOKEN_KEYS_FILE")]
    token_keys_file: Option<PathBuf>,
    /// Services that may call: `name:token:scopes`, comma-separated; scopes out of edge, internal and
    /// admin, joined by `+`.
    #[arg(long, env = "CORE_SERVICE_TOKENS", hide_env_values = true, value_parser = secret::take)]
    core_service_tokens: Option<Secret>,
    /// File with the services that may call.
    #[arg(long, env = "CORE_SERVICE_TOKENS_FILE")]
    core_service_tokens_file: Option<PathBuf>,
}

impl KeysArgs {
    pub(super) fn read(self) -> Result<(KeyRing, ServiceTokens), ConfigError> {
        let Self { token_keys, token_keys_file, core_service_tokens, core_service_tokens_file } =
            self;
        let keys = secret::read("TOKEN_KEYS", token_keys, token_keys_file)?;
        let keys = KeyRing::parse(keys.as_ref().map_or("", Secret::expose))
            .map_err(|error| ConfigError::new("TOKEN_KEYS", error.to_string()))?;
        let name = "CORE_SERVICE_TOKENS";
        let tokens = secret::read(name, core_service_tokens, core_service_tokens_file)?;
        let tokens = ServiceTokens::parse(tokens.as_ref().map_or("", Secret::expose))
            .map_err(|error| ConfigError::new(name, error.to_string()))?;
        Ok((keys, tokens))
    }
}
