#include "simtee/pki.hpp"

#include "attest/intel_tcb.hpp"
#include "simtee/authority.hpp"
#include "simtee/internal/directory.hpp"

namespace iapp::simtee {
namespace {

constexpr std::chrono::hours kBackdated{1};  ///< a verifier's clock may be a little behind ours

Window collateral_window(UnixSeconds now) { return {now - kBackdated, now - kBackdated + kCollateralDays}; }

Status save_collateral(const std::filesystem::path& dir, const Authority& authority, UnixSeconds now)
{
    TRY(const attest::Collateral collateral, issue_collateral(authority, collateral_window(now)));
    return write_file(dir / kCollateralFile, as_bytes(attest::encode_collateral(collateral)), 0644);
}

Status make_directory(const std::filesystem::path& dir)
{
    std::error_code error;
    std::filesystem::create_directories(dir, error);
    if (!error) std::filesystem::permissions(dir, std::filesystem::perms::owner_all, error);
    if (error) return fail(ErrorKind::internal, "simtee.io", "cannot create " + dir.string() + ": " + error.message());
    return {};
}

bool has_pki(const std::filesystem::path& dir)
{
    std::error_code ignored;
    return std::filesystem::exists(dir / kRootFile, ignored);
}

/// True while `now` is in the first half of the window of the stored collateral. Unreadable counts as old.
bool fresh(const std::filesystem::path& dir, UnixSeconds now)
{
    const auto text = read_file(dir / kCollateralFile);
    if (!text) return false;
    const auto collateral = attest::parse_collateral(as_text(*text));
    if (!collateral) return false;
    const auto info = attest::parse_tcb_info(collateral->tcb_info);
    return info && info->issue_date <= now && now <= info->issue_date + (info->next_update - info->issue_date) / 2;
}

}  // namespace

Status create_pki(const std::filesystem::path& dir, UnixSeconds now)
{
    if (has_pki(dir)) return fail(ErrorKind::conflict, "simtee.exists", dir.string() + " already holds a PKI");
    TRY_OK(make_directory(dir));
    TRY(const Authority authority, create_authority(CertificateWindows::for_time(now)));
    TRY_OK(save_collateral(dir, authority, now));
    return save_authority(dir, authority);
}

Status ensure_pki(const std::filesystem::path& dir, UnixSeconds now)
{
    if (!has_pki(dir)) return create_pki(dir, now);
    if (fresh(dir, now)) return {};
    TRY(const Authority authority, load_authority(dir));
    return save_collateral(dir, authority, now);
}

}  // namespace iapp::simtee
