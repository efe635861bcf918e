#pragma once
// Blocks in an IPFS node, over its RPC (kubo /api/v0): every block is put and pinned as raw bytes, so the node's garbage
// collector keeps it whatever it means. Reads ask the node alone (offline), not its network.
#include <string>

#include "blobs/block_store.hpp"
#include "blobs/internal/patience.hpp"
#include "net/client.hpp"

namespace iapp::blobs {

class KuboStore final : public BlockStore {
public:
    /// `api_url`: "http://127.0.0.1:5001", or a URL whose path replaces /api/v0. `http` outlives the store.
    KuboStore(const net::HttpClient& http, std::string api_url, internal::Patience patience = {});

    std::unique_ptr<BlockBatch> start_batch(const net::CallContext& call) const override;

private:
    Result<Bytes> fetch(const Hash256& hash, const net::CallContext& call) const override;
    Status upload(const Hash256& hash, ByteView block, const net::CallContext& call) const;
    Result<net::Response> ask(const net::Request& request, const net::CallContext& call) const;

    const net::HttpClient& http_;
    std::string root_;  ///< up to the command, without '/' at its end
    internal::Patience patience_;
};

}  // namespace iapp::blobs
