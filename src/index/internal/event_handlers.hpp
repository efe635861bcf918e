#pragma once
// One log in, rows out. Each function takes the logs of one kind of contract; what it does not know it ignores.
#include "index/facts.hpp"
#include "index/internal/accounts.hpp"
#include "poco/events.hpp"

namespace iapp::index::internal {

/// What a handler works with.
struct Scene {
    Writer& writer;
    Ledger& ledger;
    const Facts& facts;
};

/// The transaction of the log the writer stands at.
Status add_transaction(const Scene& scene, const Hash256& hash);

Status apply_hub(const Scene& scene, const eth::Log& log);
Status apply_app_registry(const Scene& scene, const eth::Log& log);
Status apply_dataset_registry(const Scene& scene, const eth::Log& log);
Status apply_workerpool_registry(const Scene& scene, const eth::Log& log);
Status apply_dataprotector(const Scene& scene, const eth::Log& log);
Status apply_sharing(const Scene& scene, const eth::Log& log);
Status apply_whitelist_registry(const Scene& scene, const eth::Log& log);
// Anyone can emit these topics: the caller has seen that the emitter is a row.
Status apply_workerpool(const Scene& scene, const eth::Log& log);
Status apply_whitelist(const Scene& scene, const eth::Log& log);

// Parts of apply_hub().
/// An order that was matched before keeps what its first match showed.
Status add_orders(const Scene& scene, const poco::OrdersMatched& event, const poco::Deal& deal, const Hash256& transaction);
Status apply_match(const Scene& scene, const eth::Log& log);
Status apply_task(const Scene& scene, const eth::Log& log);
Status apply_stake(const Scene& scene, const eth::Log& log);

/// "path:type" of each leaf of a schema as DataProtector announces it, in its order: the first 1,000 whose path has at most
/// 512 bytes. Empty when it is no JSON object.
struct SchemaLeaf {
    std::string path;
    std::string type;

    std::string id() const { return path + ':' + type; }
    friend bool operator==(const SchemaLeaf&, const SchemaLeaf&) = default;
};
std::vector<SchemaLeaf> read_schema(std::string_view json_schema);

}  // namespace iapp::index::internal
