#pragma once
// The AMD keys a verifier believes in: per product the root (ARK) and both intermediates (ASK for VCEKs, ASVK for VLEKs), by
// the SHA-256 of their SubjectPublicKeyInfo. Never taken from evidence, and never from a host's certificate table.
#include <array>
#include <optional>

#include "attest/snp_vek.hpp"
#include "base/fixed_bytes.hpp"

namespace iapp::attest {

class AmdTrust {
public:
    struct Pins {
        std::optional<Hash256> ark;
        std::optional<Hash256> ask;
        std::optional<Hash256> asvk;

        const std::optional<Hash256>& signer_of(VekKind kind) const { return kind == VekKind::vcek ? ask : asvk; }
        friend bool operator==(const Pins&, const Pins&) = default;
    };

    /// AMD's production keys of Milan, Genoa and Turin.
    static AmdTrust amd();

    /// Roots of one's own: PEM certificates named ARK-<product>, SEV-<product> and SEV-VLEK-<product>, each intermediate
    /// with its self-signed ARK. Products and intermediates that are not there are not trusted. Errors: invalid_input
    /// "attest.root".
    static Result<AmdTrust> from_pem(std::string_view pem);

    const Pins& pins(SnpProduct product) const { return pins_[static_cast<std::size_t>(product)]; }

    /// The product that this root key belongs to, if it is trusted at all.
    std::optional<SnpProduct> product_of_ark(const Hash256& spki_sha256) const;

    /// True when every key of the product is one that is built into this library.
    bool hardware(SnpProduct product) const;

private:
    using Table = std::array<Pins, kSnpProducts.size()>;
    explicit AmdTrust(const Table& pins) : pins_(pins) {}

    Table pins_;
};

/// SHA-256 of the DER SubjectPublicKeyInfo of a certificate's key. Errors: those of Certificate::subject_key().
Result<Hash256> subject_key_sha256(const crypto::Certificate& certificate);

}  // namespace iapp::attest
