//! Which addresses are out in the world.
//!
//! Invariant: what is not known to be public is not.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks of version 4 that lead inside, to ourselves, to many, or to nobody: address and length.
const INSIDE_4: [([u8; 4], u32); 15] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// The network of version 6 that public addresses are from, and parts of it that are none.
const WORLD_6: ([u16; 8], u32) = ([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);
const INSIDE_6: [([u16; 8], u32); 4] = [
    // Tunnels and other protocols' own.
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    // Holds an address of version 4, of whatever kind.
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];
/// Where a network without version 4 finds addresses of it.
const TRANSLATED: ([u16; 8], u32) = ([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96);

/// True when an address is somebody's out in the world.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_4(address),
        IpAddr::V6(address) if is_in_6(address, TRANSLATED) => {
            let [.., a, b, c, d] = address.octets();
            is_public_4(Ipv4Addr::new(a, b, c, d))
        }
        IpAddr::V6(address) => {
            is_in_6(address, WORLD_6) && !INSIDE_6.iter().any(|net| is_in_6(address, *net))
        }
    }
}

fn is_public_4(address: Ipv4Addr) -> bool {
    let is_in = |&(net, length): &([u8; 4], u32)| {
        (address.to_bits() ^ Ipv4Addr::from(net).to_bits()) >> (32 - length) == 0
    };
    !INSIDE_4.iter().any(is_in)
}

fn is_in_6(address: Ipv6Addr, (net, length): ([u16; 8], u32)) -> bool {
    (address.to_bits() ^ Ipv6Addr::from(net).to_bits()) >> (128 - length) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edges_of_every_network_are_where_they_are() {
        let public = "1.0.0.0 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 \
            128.0.0.0 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 \
            192.0.3.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 203.0.114.0 \
            223.255.255.255 157.240.1.60 2001:200::1 2a03:2880:f12d:83::1 2003::1 3ffe::1 \
            64:ff9b::9df0:13c";
        let inside = "0.0.0.0 0.255.255.255 10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 \
            127.0.0.1 127.255.255.255 169.254.169.254 172.16.0.0 172.31.255.255 192.0.0.8 \
            192.0.2.1 192.88.99.1 192.168.0.0 192.168.255.255 198.18.0.0 198.19.255.255 \
            198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.0 255.255.255.255 \
            :: ::1 ::127.0.0.1 ::ffff:10.0.0.1 ::ffff:157.240.1.60 64:ff9b::a00:1 \
            64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 2001::1 \
            2001:1ff:ffff::1 2001:db8::1 2002:7f00:1:: 3fff:fff::1 4000::1 fc00::1 fdff::1 \
            fe80::1 febf::1 fec0::1 ff02::1";
        for (addresses, expected) in [(public, true), (inside, false)] {
            for address in addresses.split_whitespace() {
                assert_eq!(is_public(address.parse().unwrap()), expected, "{address}");
            }
        }
    }
}
