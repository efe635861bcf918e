#pragma once
// The `multiaddr` member of an on-chain app or dataset: a binary multiaddr when it names IPFS content, else UTF-8 text.
// Only protocol 421 (p2p, alias ipfs) exists here; no other multiaddr is ever written on chain by the clients.
#include "base/bytes.hpp"
#include "base/result.hpp"

namespace iapp::codec {

/// "/ipfs/<cid>" and "/p2p/<cid>" become a5 03 22 12 20 and the digest; text that does not start with '/' stays UTF-8.
/// A CID whose codec is not dag-pb is refused: the binary form keeps only the hash, so it would come back as another file.
/// Errors: invalid_input "multiaddr.protocol", "multiaddr.cid", "multiaddr.empty", "multiaddr.utf8".
Result<Bytes> encode_multiaddr(std::string_view text);

/// Prints "/ipfs/Qm…" for the binary form, else the bytes as the UTF-8 text they must be.
/// Errors: invalid_input "multiaddr.empty", "multiaddr.utf8".
Result<std::string> print_multiaddr(ByteView bytes);

}  // namespace iapp::codec
