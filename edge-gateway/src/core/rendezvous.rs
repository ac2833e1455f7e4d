//! Rendezvous hashing: every edge puts an owner's cores in the same order, and a core that leaves
//! moves only its own owners.

use sha2::{Digest as _, Sha256};

use super::node::Node;

/// All cores with their numbers: serving ones first, those away last; within that by weight for the
/// key.
pub(super) fn order<'a>(nodes: &'a [Node], key: &str) -> Vec<(usize, &'a Node)> {
    let mut order: Vec<(usize, &Node)> = nodes.iter().enumerate().collect();
    if order.len() > 1 {
        order.sort_by_cached_key(|(_, node)| {
            (node.state(), std::cmp::Reverse(weight(node.name(), key)))
        });
    }
    order
}

fn weight(node: &str, key: &str) -> [u8; 32] {
    let hash = Sha256::new().chain_update(node).chain_update([0]).chain_update(key);
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::weight;

    fn first<'a>(nodes: &[&'a str], key: &str) -> &'a str {
        nodes.iter().copied().max_by_key(|node| weight(node, key)).expect("nodes")
    }

    #[test]
    fn a_core_that_leaves_moves_only_its_own_owners() {
        let all = ["a", "b", "c"];
        let mut moved = 0;
        for n in 0..300 {
            let key = format!("owner{n}@example.com");
            let (before, after) = (first(&all, &key), first(&all[..2], &key));
            if before == "c" {
                moved += 1;
            } else {
                assert_eq!(before, after);
            }
        }
        assert!((60..140).contains(&moved), "{moved} of 300 lived on the third");
    }
}
