//! Ingest, from the bytes of a request to what stands in the log.

mod allowed;
mod answers;
mod batches;
mod captures;
mod catalogue;
mod codes;
mod fetched;
mod goldens;
mod handshakes;
mod hostile;
mod jws;
mod oracles;
mod parsers;
mod reports;
mod rotation;
mod rows;
mod rules;
mod schemes;
mod silence;
mod support;
mod traps;
mod vectors;
mod vendor_traps;
mod vendor_vectors;
