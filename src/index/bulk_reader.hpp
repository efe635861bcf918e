#pragma once
// Brings bulks from IPFS into the index. The chain names only the CID of a bulk; which datasets each task gets is there.
// What it writes belongs to the deal's block and goes with it in a reorganisation.
#include "base/clock.hpp"
#include "blobs/client.hpp"
#include "index/bulk.hpp"
#include "store/database.hpp"

namespace iapp::index {

class BulkReader {
public:
    /// All must outlive the reader.
    BulkReader(const blobs::BlobClient& blobs, store::Database& database, const Clock& clock)
        : blobs_(&blobs), database_(&database), clock_(&clock)
    {
    }

    /// Reads bulks nobody has tried to read yet, until none is left. What cannot be read now is left to read_due().
    /// Errors: those of store; deadline_exceeded, cancelled of the call.
    Status read_new(const net::CallContext& context);

    /// Reads some whose time to try again has come. Errors: those of store.
    Status read_due(const net::CallContext& context);

private:
    struct Job;
    struct Content;

    Result<std::vector<Job>> find_jobs(std::string_view condition);
    Result<Content> fetch(const Job& job, const net::CallContext& context) const;
    Status work(const Job& job, const net::CallContext& context);
    Status put_off(const Job& job);

    const blobs::BlobClient* blobs_;
    store::Database* database_;
    const Clock* clock_;
};

}  // namespace iapp::index
