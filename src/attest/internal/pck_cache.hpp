#pragma once
// The PCK chains a verifier has met, and the attestation keys they certified.
#include <list>
#include <mutex>
#include <unordered_map>

#include "attest/intel_verify.hpp"
#include "attest/internal/chain.hpp"

namespace iapp::attest {

/// An attestation key together with the bytes that certify it: these bytes were checked under one PCK key.
struct CertifiedKey {
    Bytes certificate;  ///< QE report || its signature || attestation key || QE auth data
    crypto::P256Verifier key;
};

/// A PCK chain whose signatures and form were checked. Not its root, not its time.
class KnownPck {
public:
    KnownPck(CertificateChain its_chain, const Hash256& its_root, const SgxExtension& its_platform,
             crypto::PublicKey its_key)
        : chain(std::move(its_chain)), root_spki(its_root), platform(its_platform), key(std::move(its_key))
    {
        window.narrow(chain);
    }

    CertificateChain chain;
    Hash256 root_spki;
    SgxExtension platform;
    crypto::PublicKey key;
    TimeWindow window;

    /// The key that exactly these bytes certified before, or null.
    std::shared_ptr<const CertifiedKey> find_key(const UnverifiedQuote& quote) const;
    void remember_key(std::shared_ptr<const CertifiedKey> newest) const;

private:
    mutable std::mutex mutex_;
    mutable std::shared_ptr<const CertifiedKey> last_key_;  ///< a quoting enclave keeps its key for its lifetime
};

struct PckCache::Parts {
    explicit Parts(std::size_t most) : capacity(std::max<std::size_t>(most, 1)) {}

    std::shared_ptr<const KnownPck> find(const Hash256& pem_sha256);
    void insert(const Hash256& pem_sha256, std::shared_ptr<const KnownPck> pck);

    struct Entry {
        Hash256 key;
        std::shared_ptr<const KnownPck> pck;
    };
    struct FirstBytes {  ///< the key is a hash already
        std::size_t operator()(const Hash256& hash) const
        {
            std::size_t out = 0;
            std::memcpy(&out, hash.bytes().data(), sizeof out);
            return out;
        }
    };
    const std::size_t capacity;
    mutable std::mutex mutex;
    std::list<Entry> entries;  ///< the most recently used first
    std::unordered_map<Hash256, std::list<Entry>::iterator, FirstBytes> index;
};

}  // namespace iapp::attest
