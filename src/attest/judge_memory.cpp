#include <algorithm>
#include <list>
#include <mutex>

#include "attest/judge.hpp"
#include "crypto/hash.hpp"

namespace iapp::attest {
namespace {

constexpr std::size_t kMostEndorsements = 16;  ///< platforms (and kinds) a verifier meets at a time

/// Every part with its length, so that no two collaterals have one name.
Hash256 name_of(const Collateral& all, const TrustAnchor& anchor)
{
    crypto::Sha256 hash;
    const auto add = [&hash](ByteView part) {
        const std::uint64_t size = part.size();
        std::array<std::uint8_t, sizeof size> prefix{};
        std::memcpy(prefix.data(), &size, sizeof size);
        hash.update(prefix).update(part);
    };
    add(anchor.spki_sha256().bytes());
    for (const Bytes* part : {&all.root_ca_crl, &all.pck_crl, &all.tcb_info_signature, &all.qe_identity_signature})
        add(*part);
    for (const std::string* part : {&all.pck_crl_issuer_chain, &all.tcb_info_issuer_chain, &all.tcb_info,
                                    &all.qe_identity_issuer_chain, &all.qe_identity})
        add(as_bytes(*part));
    if (all.pck_certificate_chain) add(as_bytes(*all.pck_certificate_chain));
    return hash.finish();
}

}  // namespace

struct JudgeMemory::Parts {
    struct Entry {
        Hash256 name;
        std::shared_ptr<const IntelVerifier> verifier;
    };

    std::shared_ptr<const IntelVerifier> find(const Hash256& name)
    {
        const std::scoped_lock lock(mutex);
        for (auto entry = entries.begin(); entry != entries.end(); ++entry) {
            if (entry->name != name) continue;
            entries.splice(entries.begin(), entries, entry);
            return entry->verifier;
        }
        return nullptr;
    }

    void insert(const Hash256& name, std::shared_ptr<const IntelVerifier> verifier)
    {
        const std::scoped_lock lock(mutex);
        if (std::ranges::find(entries, name, &Entry::name) != entries.end()) return;  // another thread was faster
        entries.push_front({name, std::move(verifier)});
        if (entries.size() > kMostEndorsements) entries.pop_back();
    }

    std::shared_ptr<PckCache> chains = std::make_shared<PckCache>();
    mutable std::mutex mutex;
    std::list<Entry> entries;  ///< the most recently used first
};

JudgeMemory::JudgeMemory() : parts_(std::make_unique<Parts>()) {}
JudgeMemory::~JudgeMemory() = default;

std::shared_ptr<const IntelVerifier> JudgeMemory::verifier(const Collateral& collateral, const TrustAnchor& anchor)
{
    const Hash256 name = name_of(collateral, anchor);
    if (auto known = parts_->find(name)) return known;
    CheckLog opening;  // the verifier lists these checks again at each use
    auto endorsements = IntelEndorsements::open(collateral, anchor, opening);
    if (!endorsements) return nullptr;
    auto opened = std::make_shared<const IntelVerifier>(*std::move(endorsements), parts_->chains);
    parts_->insert(name, opened);
    return opened;
}

std::size_t JudgeMemory::size() const
{
    const std::scoped_lock lock(parts_->mutex);
    return parts_->entries.size();
}

}  // namespace iapp::attest
