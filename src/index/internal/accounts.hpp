#pragma once
// Stakes, scores and totals while a window is applied: they change with almost every log, so they are written once per
// block.
#include <map>

#include "eth/address.hpp"
#include "index/internal/writer.hpp"

namespace iapp::index::internal {

struct Account {
    eth::U256 balance{};  ///< nRLC, free
    eth::U256 frozen{};   ///< nRLC
    std::int64_t score = 0;
    std::uint64_t block_number = 0;
    bool is_stored = false;
    bool is_changed = true;
};

/// The protocol's only row.
struct Totals {
    eth::U256 stake{};  ///< nRLC
    std::int64_t apps = 0, datasets = 0, workerpools = 0, categories = 0, deals = 0;
    std::int64_t tasks = 0;  ///< of all deals, initialised or not
    std::int64_t completed_tasks = 0, claimed_tasks = 0;
    std::uint64_t block_number = 0;
    bool is_stored = false;
};

/// What a window has touched. Errors: those of store; corrupt "index.number".
class Ledger {
public:
    /// An account that was never seen begins empty at the writer's block.
    Result<Account*> change(Writer& writer, const eth::Address& address);
    /// That there is such an account.
    Status touch(Writer& writer, const eth::Address& address);
    Result<Totals*> totals(Writer& writer);

    /// Writes what changed; the writer stands at the last block that changed it.
    Status flush(Writer& writer);

    /// Forgets what it read: the window ended, or failed.
    void clear();

private:
    Result<Account*> load(Writer& writer, const eth::Address& address);

    std::map<eth::Address, Account> accounts_;
    std::optional<Totals> totals_;
    bool totals_changed_ = false;
};

}  // namespace iapp::index::internal
