#include "attest/internal/pck_cache.hpp"

namespace iapp::attest {
namespace {

bool take_equal(ByteView& rest, ByteView part)
{
    if (rest.size() < part.size() || std::memcmp(rest.data(), part.data(), part.size()) != 0) return false;
    rest = rest.subspan(part.size());
    return true;
}

bool certifies(ByteView certificate, const UnverifiedQuote& quote)
{
    return take_equal(certificate, quote.qe_report_bytes) && take_equal(certificate, quote.qe_report_signature) &&
           take_equal(certificate, quote.attestation_key) && std::ranges::equal(certificate, quote.qe_auth);
}

}  // namespace

std::shared_ptr<const CertifiedKey> KnownPck::find_key(const UnverifiedQuote& quote) const
{
    std::shared_ptr<const CertifiedKey> last;
    {
        const std::scoped_lock lock(mutex_);
        last = last_key_;
    }
    return last && certifies(last->certificate, quote) ? last : nullptr;
}

void KnownPck::remember_key(std::shared_ptr<const CertifiedKey> newest) const
{
    const std::scoped_lock lock(mutex_);
    last_key_.swap(newest);
}

PckCache::PckCache(std::size_t capacity) : parts_(std::make_unique<Parts>(capacity)) {}
PckCache::~PckCache() = default;

std::size_t PckCache::size() const
{
    const std::scoped_lock lock(parts_->mutex);
    return parts_->entries.size();
}

std::shared_ptr<const KnownPck> PckCache::Parts::find(const Hash256& pem_sha256)
{
    const std::scoped_lock lock(mutex);
    const auto found = index.find(pem_sha256);
    if (found == index.end()) return nullptr;
    entries.splice(entries.begin(), entries, found->second);
    return found->second->pck;
}

void PckCache::Parts::insert(const Hash256& pem_sha256, std::shared_ptr<const KnownPck> pck)
{
    const std::scoped_lock lock(mutex);
    if (index.contains(pem_sha256)) return;  // another thread was faster
    if (entries.size() >= capacity) {
        index.erase(entries.back().key);
        entries.pop_back();
    }
    entries.push_front({pem_sha256, std::move(pck)});
    index.emplace(pem_sha256, entries.begin());
}

}  // namespace iapp::attest
