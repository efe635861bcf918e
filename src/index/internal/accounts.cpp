#include "index/internal/accounts.hpp"

namespace iapp::index::internal {
namespace {

constexpr std::string_view kProtocol = "iExec";

Result<eth::U256> number(const store::Rows& row, int column) { return decode_number(row.blob(column)); }

Result<Account> read_account(store::Rows& row)
{
    Account out{.is_stored = true, .is_changed = false};
    TRY(out.balance, number(row, 0));
    TRY(out.frozen, number(row, 1));
    out.score = row.integer(2);
    out.block_number = static_cast<std::uint64_t>(row.integer(3));
    return out;
}

Status write(Writer& writer, const std::string& id, const Account& account)
{
    if (account.is_stored) {
        TRY_OK(writer.keep("account", id));
        TRY_OK(writer.run("UPDATE account SET balance = ?, frozen = ?, score = ? WHERE id = ?",
                          encode_number(account.balance), encode_number(account.frozen), account.score, id));
    } else {
        TRY_OK(writer.run("INSERT INTO account (id, balance, frozen, score, block_number) VALUES (?, ?, ?, ?, ?)", id,
                          encode_number(account.balance), encode_number(account.frozen), account.score,
                          account.block_number));
    }
    return {};
}

Result<Totals> read_totals(Writer& writer)
{
    TRY(auto row, writer.query("SELECT tvl, apps_count, datasets_count, workerpools_count, categories_count, deals_count, "
                               "tasks_count, completed_tasks_count, claimed_tasks_count FROM protocol WHERE id = ?",
                               kProtocol));
    TRY(const bool found, row.next());
    Totals out{.block_number = writer.place().block, .is_stored = found};
    if (!found) return out;
    TRY(out.stake, number(row, 0));
    int column = 1;
    for (std::int64_t* count : {&out.apps, &out.datasets, &out.workerpools, &out.categories, &out.deals, &out.tasks,
                                &out.completed_tasks, &out.claimed_tasks})
        *count = row.integer(column++);
    return out;
}

Status write(Writer& writer, const Totals& totals)
{
    TRY_OK(writer.keep("protocol", kProtocol));
    TRY_OK(writer.run(
        "INSERT INTO protocol (id, tvl, apps_count, datasets_count, workerpools_count, categories_count, deals_count, "
        "tasks_count, completed_tasks_count, claimed_tasks_count, block_number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON "
        "CONFLICT (id) DO UPDATE SET tvl = excluded.tvl, apps_count = excluded.apps_count, datasets_count = "
        "excluded.datasets_count, "
        "workerpools_count = excluded.workerpools_count, categories_count = excluded.categories_count, "
        "deals_count = excluded.deals_count, tasks_count = excluded.tasks_count, "
        "completed_tasks_count = excluded.completed_tasks_count, claimed_tasks_count = excluded.claimed_tasks_count",
        kProtocol, encode_number(totals.stake), totals.apps, totals.datasets, totals.workerpools, totals.categories,
        totals.deals, totals.tasks, totals.completed_tasks, totals.claimed_tasks, totals.block_number));
    return {};
}

}  // namespace

Result<Account*> Ledger::load(Writer& writer, const eth::Address& address)
{
    const auto known = accounts_.find(address);
    if (known != accounts_.end()) return &known->second;
    TRY(auto row, writer.query("SELECT balance, frozen, score, block_number FROM account WHERE id = ?", address.hex()));
    TRY(const bool found, row.next());
    Account account{.block_number = writer.place().block};
    if (found) {
        TRY(account, read_account(row));
    }
    return &accounts_.emplace(address, account).first->second;
}

Result<Account*> Ledger::change(Writer& writer, const eth::Address& address)
{
    TRY(Account* const account, load(writer, address));
    account->is_changed = true;
    return account;
}

Status Ledger::touch(Writer& writer, const eth::Address& address)
{
    TRY_OK(load(writer, address));
    return {};
}

Result<Totals*> Ledger::totals(Writer& writer)
{
    if (!totals_) {
        TRY(totals_, read_totals(writer));
    }
    totals_changed_ = true;
    return &*totals_;
}

Status Ledger::flush(Writer& writer)
{
    for (auto& [address, account] : accounts_) {
        if (!account.is_changed) continue;
        TRY_OK(write(writer, address.hex(), account));
        account.is_stored = true;
        account.is_changed = false;
    }
    if (totals_changed_) TRY_OK(write(writer, *totals_));
    totals_changed_ = false;
    return {};
}

void Ledger::clear()
{
    accounts_.clear();
    totals_.reset();
    totals_changed_ = false;
}

}  // namespace iapp::index::internal
