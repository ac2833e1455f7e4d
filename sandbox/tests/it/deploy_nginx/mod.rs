//! The shipped NGINX configuration, run by a real NGINX in front of stand-ins for the edges.

mod edge;
mod gateway;
mod identity;
mod locations;
mod spellings;

mod forged;
mod passes;
mod quiet;
