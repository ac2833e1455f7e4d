//! What a token, an account and a number are, and tying them to our app.

mod number;
mod subscription;
mod token;

pub use number::NumberFacts;
pub use token::TokenFacts;
