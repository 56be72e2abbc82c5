//! How a request comes in and an answer goes out, whatever it is about.

mod cross_site;
mod extract;
mod finish;
mod headers;
mod request_id;

pub use cross_site::refuse_cross_site;
pub use extract::{Body, Id, Ids, QueryOf, read_body};
pub use finish::{finish, handle_panic, no_such_route, out_of_time};
pub use headers::{no_store, security_headers};
pub use request_id::{RequestId, take_request_id};
