#pragma once
// Endorsements as the cache holds them: what each is for (its key), the vendor's raw bytes, and what those bytes say about
// their own lifetime once somebody has verified them. Pure values; not fetching (fetch.hpp), not trust (accept.hpp).
#include <functional>
#include <map>
#include <variant>

#include "attest/intel_collateral.hpp"
#include "attest/pck.hpp"
#include "attest/snp_verify.hpp"
#include "base/clock.hpp"

namespace iapp::endorse {

enum class IntelTee : unsigned char { sgx, tdx };
enum class PckCa : unsigned char { processor, platform };

using attest::SnpChipId;
using attest::SnpProduct;
using attest::SnpTcbBytes;
using attest::VekKind;

std::string_view name(IntelTee tee);       ///< "sgx", "tdx": also the first segment of Intel's paths
std::string_view name(PckCa ca);           ///< "processor", "platform": also the value of Intel's query
std::string_view path_name(VekKind kind);  ///< "vcek", "vlek": the first segment of AMD's paths

struct IntelKey {
    IntelTee tee;
    attest::Fmspc fmspc;
    PckCa ca;

    friend auto operator<=>(const IntelKey&, const IntelKey&) = default;
};

/// One chip at one firmware level: CHIP_ID and REPORTED_TCB as the report spells them.
struct VcekKey {
    SnpProduct product;
    SnpChipId chip;
    SnpTcbBytes tcb;

    friend auto operator<=>(const VcekKey&, const VcekKey&) = default;
};

/// Who issues the VCEKs or VLEKs of a product line, and what that line has revoked.
struct AmdIssuerKey {
    SnpProduct product;
    VekKind kind;

    friend auto operator<=>(const AmdIssuerKey&, const AmdIssuerKey&) = default;
};

using Key = std::variant<IntelKey, VcekKey, AmdIssuerKey>;

/// "intel-tdx-00906ed50000-platform", "amd-vcek-Milan-<chip>-<tcb>", "amd-issuer-Milan-vcek": unique, sorts, and is a file
/// name.
std::string text(const Key& key);

struct IntelEntry {
    IntelKey key;
    attest::Collateral collateral;
};

/// The certificate of one chip key and the chain that issued it (ASK, ARK), so that it can be verified by itself.
struct VcekEntry {
    VcekKey key;
    Bytes vek;               ///< DER
    std::string cert_chain;  ///< PEM
};

struct AmdIssuerEntry {
    AmdIssuerKey key;
    std::string cert_chain;  ///< PEM: ASK or ASVK, ARK
    Bytes crl;               ///< DER, signed by the ARK
};

using Entry = std::variant<IntelEntry, VcekEntry, AmdIssuerEntry>;

Key key_of(const Entry& entry);

/// A document's number that may only grow, big endian without leading zero bytes: "tcb_info", "pck_crl", ...
using Numbers = std::map<std::string, Bytes, std::less<>>;

/// What verified endorsements say about themselves.
struct Facts {
    UnixSeconds from;   ///< the latest begin among all their windows
    UnixSeconds until;  ///< the earliest end
    Numbers numbers;

    bool open_at(UnixSeconds time) const { return from <= time && time <= until; }
    UnixSeconds middle() const { return from + (until - from) / 2; }
};

/// Decides whether raw bytes may be believed to be what their key says: chain to the anchor, every signature, revocation.
/// Does not ask for the time: the windows are part of the answer.
using Accept = std::function<Result<Facts>(const Entry&)>;

/// The name of the first number in `floors` that `numbers` would take back; a missing number counts as zero.
std::optional<std::string> first_lower(const Numbers& numbers, const Numbers& floors);

}  // namespace iapp::endorse
