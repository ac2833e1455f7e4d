//! Where and how the core listens.

use std::net::{Ipv4Addr, SocketAddr};

use clap::{ArgAction, builder::BoolishValueParser};

use super::{ConfigError, tls::TlsArgs};
use crate::grpc::Tls;

const DEFAULT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 50051);

/// Where and how the core listens.
#[derive(Debug, Clone)]
pub struct Listen {
    /// The address to serve gRPC on.
    pub address: SocketAddr,
    /// Whether the API describes itself.
    pub reflection: bool,
    /// The certificate to serve with; none: plain text.
    pub tls: Option<Tls>,
}

#[derive(clap::Args)]
pub(super) struct ListenArgs {
    /// Address to serve gRPC on.
    #[arg(long, env = "CORE_LISTEN", default_value_t = DEFAULT)]
    core_listen: SocketAddr,
    /// Describe the API to callers that ask (gRPC server reflection).
    #[arg(
        long,
        env = "CORE_REFLECTION",
        action = ArgAction::Set,
        value_parser = BoolishValueParser::new(),
        num_args = 0..=1,
        require_equals = true,
        default_value = "false",
        default_missing_value = "true"
    )]
    core_reflection: bool,
    /// Allow plain text on an address that other machines reach.
    #[arg(
        long,
        env = "CORE_ALLOW_PLAINTEXT",
        action = ArgAction::Set,
        value_parser = BoolishValueParser::new(),
        num_args = 0..=1,
        require_equals = true,
        default_value = "false",
        default_missing_value = "true"
    )]
    core_allow_plaintext: bool,
    #[command(flatten)]
    tls: TlsArgs,
}

impl ListenArgs {
    pub(super) fn read(self) -> Result<Listen, ConfigError> {
        let Self { core_listen, core_reflection, core_allow_plaintext, tls } = self;
        let tls = tls.read()?;
        let near = core_listen.ip().to_canonical().is_loopback();
        if tls.is_none() && !near && !core_allow_plaintext {
            return Err(ConfigError::new(
                "CORE_LISTEN",
                format!(
                    "{core_listen} is reached by other machines, and tokens would pass in plain \
                     text; set CORE_TLS_CERT and CORE_TLS_KEY, or CORE_ALLOW_PLAINTEXT=true if \
                     the network keeps them safe"
                ),
            ));
        }
        Ok(Listen { address: core_listen, reflection: core_reflection, tls })
    }
}
