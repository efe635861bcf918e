#include "sms/internal/grants.hpp"

namespace iapp::sms::internal {
namespace {

template <class... Args>
Result<bool> any(store::Transaction& transaction, std::string_view sql, const Args&... args)
{
    TRY(store::Rows rows, transaction.query(sql, args...));
    return rows.next();
}

}  // namespace

Status store_policy(store::Transaction& transaction, const wire::Signed<wire::GrantPolicy>& signed_policy)
{
    const wire::GrantPolicy& policy = signed_policy.message;
    TRY(const bool revoked, any(transaction, "SELECT 1 FROM grant_revocations WHERE order_hash = ? AND dataset = ?",
                                policy.order_hash, policy.dataset));
    if (revoked) return fail(ErrorKind::conflict, "grant.revoked", "the grant was revoked for good; sign a new order");
    TRY(const bool stale,
        any(transaction, "SELECT 1 FROM grant_policies WHERE order_hash = ? AND dataset = ? AND issued_at >= ?",
            policy.order_hash, policy.dataset, policy.issued_at));
    if (stale)
        return fail(ErrorKind::conflict, "grant.stale",
                    "a policy of the same or a later time is stored; sign one with a later issuedAt");
    TRY_OK(transaction.run(
        "INSERT OR REPLACE INTO grant_policies (order_hash, dataset, not_after, max_releases, issued_at, signature) "
        "VALUES (?,?,?,?,?,?)",
        policy.order_hash, policy.dataset, policy.not_after, policy.max_releases, policy.issued_at,
        signed_policy.signature));
    return {};
}

Status store_revocation(store::Transaction& transaction, const wire::Signed<wire::RevokeGrant>& signed_revocation)
{
    const wire::RevokeGrant& revocation = signed_revocation.message;
    TRY_OK(transaction.run(
        "INSERT OR IGNORE INTO grant_revocations (order_hash, dataset, issued_at, signature) VALUES (?,?,?,?)",
        revocation.order_hash, revocation.dataset, revocation.issued_at, signed_revocation.signature));
    return {};
}

Result<GrantState> grant_state(store::Transaction& transaction, const Hash256& order_hash, const eth::Address& dataset)
{
    GrantState state;
    {
        TRY(store::Rows rows,
            transaction.query(
                "SELECT not_after, max_releases, issued_at FROM grant_policies WHERE order_hash = ? AND dataset = ?",
                order_hash, dataset));
        TRY(const bool found, rows.next());
        if (found)
            state.policy =
                policy::OwnerPolicy{static_cast<std::uint64_t>(rows.integer(0)), static_cast<std::uint64_t>(rows.integer(1)),
                                    static_cast<std::uint64_t>(rows.integer(2))};
    }
    TRY(state.revoked,
        any(transaction, "SELECT 1 FROM grant_revocations WHERE order_hash = ? AND dataset = ?", order_hash, dataset));
    TRY(store::Rows rows,
        transaction.query("SELECT count FROM releases WHERE order_hash = ? AND dataset = ?", order_hash, dataset));
    TRY(const bool counted, rows.next());
    if (counted) state.releases = static_cast<std::uint64_t>(rows.integer(0));
    return state;
}

Status count_release(store::Transaction& transaction, const Hash256& order_hash, const eth::Address& dataset)
{
    TRY_OK(
        transaction.run("INSERT INTO releases (order_hash, dataset, count) VALUES (?,?,1) "
                        "ON CONFLICT (order_hash, dataset) DO UPDATE SET count = count + 1",
                        order_hash, dataset));
    return {};
}

}  // namespace iapp::sms::internal
