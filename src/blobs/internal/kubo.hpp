#pragma once
// What every kubo RPC command shares: its error shape and its arguments.
#include <functional>

#include "blobs/service.hpp"
#include "codec/cid.hpp"
#include "net/server.hpp"

namespace iapp::blobs::internal {

struct Part;

/// A handler whose errors are {"Message","Code","Type"}. kubo answers 500 for almost everything; clients take 5xx for an
/// outage, so each kind keeps its own status here.
net::Handler answering_kubo(std::function<Result<net::Response>(const net::Request&, const net::CallContext&)> handler);

/// The CID in `arg`. Errors: invalid_input "blobs.argument", "blobs.cid".
Result<codec::Cid> cid_argument(const net::Request& request);

/// An option that can only have one value here: what it asks for would otherwise be ignored in silence.
struct OnlyValue {
    std::string_view name;
    std::string_view value;
};

/// Errors: invalid_input "blobs.option".
Status check_options(const net::Query& query, std::span<const OnlyValue> rules);

/// Stores a part and says what to answer for it.
using TakePart = std::function<Result<std::string>(const Part&, net::BodyReader&)>;

/// What `take` answers for each part of the multipart body, in order. Errors: invalid_input "multipart.*", "blobs.no_file",
/// "blobs.parts" (more than 10,000, or 8 MiB of answers; those before are stored), and those of `take`.
Result<std::string> lines_of_parts(const net::Request& request, const TakePart& take);

/// block/get, block/put, block/stat; pin/add, pin/ls, pin/rm.
void add_block_routes(net::HttpServer& server, const BlockStore& store, const ServiceOptions& options);
void add_pin_routes(net::HttpServer& server, const BlockStore& store, const ServiceOptions& options);

}  // namespace iapp::blobs::internal
