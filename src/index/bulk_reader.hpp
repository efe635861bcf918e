#pragma once
// Brings bulks from IPFS into the index. The chain names only the CID of a bulk; which datasets each task gets is there.
// What it writes belongs to the deal's block and goes with it in a reorganisation.
#include <map>
#include <mutex>

#include "base/clock.hpp"
#include "blobs/client.hpp"
#include "index/bulk.hpp"
#include "store/database.hpp"

namespace iapp::index {

/// What one bulk may cost. Whoever makes the deal writes it.
struct BulkLimits {
    std::uint64_t bytes = 1U << 26U;     ///< of all slices
    std::size_t orders = 50'000;         ///< of all slices
    std::size_t orders_at_once = 1'000;  ///< written in one transaction, while others wait to write
    std::size_t slices_at_once = 100;
};

class BulkReader {
public:
    /// All must outlive the reader.
    BulkReader(const blobs::BlobClient& blobs, store::Database& database, const Clock& clock, BulkLimits limits = {})
        : blobs_(&blobs), database_(&database), clock_(&clock), limits_(limits)
    {
    }

    /// Reads bulks nobody has tried to read yet, until none is left; who calls it meanwhile waits. What cannot be read now
    /// is left to read_due(). A bulk beyond the limits is given up. Errors: those of store; deadline_exceeded, cancelled of
    /// the call.
    Status read_new(const net::CallContext& context);

    /// Reads those whose time to try has come. Errors: those of store; deadline_exceeded, cancelled of the call.
    Status read_due(const net::CallContext& context);

private:
    struct Job;
    struct Slice;
    struct Reading;

    Result<std::vector<Job>> find_jobs(std::string_view condition);
    Result<bool> claim(const Job& job);
    Status give_up(const Job& job);
    Status put_off(const Job& job);
    Result<std::map<std::string, std::size_t>> find_written(const Job& job);
    Status add_slice_of(Reading& reading, std::uint64_t index, const std::string& cid,
                        const net::CallContext& context) const;
    Status read(const Job& job, const net::CallContext& context);
    Status write(const Job& job, Reading& reading, bool is_last);
    Status work(const Job& job, const net::CallContext& context);

    std::timed_mutex turn_;
    const blobs::BlobClient* blobs_;
    store::Database* database_;
    const Clock* clock_;
    BulkLimits limits_;
};

}  // namespace iapp::index
