#include "simtee/tpm_writer.hpp"

namespace iapp::simtee {
namespace {

namespace alg = attest::tpm_algorithm;
using attest::TpmSignatureKind;
using crypto::KeyKind;

void put(Bytes& out, std::uint64_t value, unsigned size)
{
    for (unsigned i = size; i-- > 0;) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void put_sized(Bytes& out, ByteView field)
{
    put(out, field.size(), 2);
    append(out, field);
}

/// The hash that goes with a key: SHA-384 for P-384, else SHA-256.
attest::HashAlgorithm hash_of(KeyKind kind)
{
    return kind == KeyKind::ec_p384 ? attest::HashAlgorithm::sha384 : attest::HashAlgorithm::sha256;
}

Bytes coordinate(ByteView number, bool without_zeros)
{
    while (without_zeros && number.size() > 1 && number[0] == 0) number = number.subspan(1);
    return to_bytes(number);
}

void put_point(Bytes& out, const crypto::PublicKey& key, bool short_coordinates)
{
    const std::size_t width = key.bits() / 8;
    const ByteView xy = ByteView(key.spki_der()).last(2 * width);
    put(out, key.kind() == KeyKind::ec_p256 ? 3 : 4, 2);
    put(out, alg::kNull, 2);
    put_sized(out, coordinate(xy.first(width), short_coordinates));
    put_sized(out, coordinate(xy.last(width), short_coordinates));
}

/// The modulus inside a SubjectPublicKeyInfo with exponent 65537: 02 03 01 00 01 ends it.
ByteView modulus_of(const crypto::PublicKey& key)
{
    const ByteView der = key.spki_der();
    return der.first(der.size() - 5).last(key.bits() / 8);
}

void put_modulus(Bytes& out, const crypto::PublicKey& key)
{
    put(out, key.bits(), 2);
    put(out, 0, 4);
    put_sized(out, modulus_of(key));
}

}  // namespace

Bytes encode_tpm_quote(const TpmQuoteFields& fields)
{
    Bytes out;
    put(out, fields.magic, 4);
    put(out, fields.type, 2);
    put_sized(out, fields.qualified_signer);
    put_sized(out, fields.extra_data);
    put(out, fields.clock, 8);
    put(out, fields.reset_count, 4);
    put(out, fields.restart_count, 4);
    put(out, fields.safe, 1);
    put(out, fields.firmware_version, 8);
    put(out, fields.selections.size(), 4);
    for (const TpmQuoteFields::Selection& selection : fields.selections) {
        put(out, selection.bank, 2);
        put(out, selection.bitmap.size(), 1);
        append(out, selection.bitmap);
    }
    put_sized(out, fields.pcr_digest);
    return out;
}

TpmQuoteFields::Selection encode_selection(const attest::PcrSelection& selection)
{
    TpmQuoteFields::Selection out{static_cast<std::uint16_t>(selection.bank), Bytes(3, 0)};
    for (const std::uint32_t index : selection.pcrs)
        out.bitmap.at(index / 8) = static_cast<std::uint8_t>(out.bitmap.at(index / 8) | 1U << (index % 8));
    return out;
}

Bytes encode_tpm_public(const TpmPublicFields& fields, const crypto::PublicKey& key)
{
    Bytes out;
    put(out, key.kind() == KeyKind::rsa ? alg::kRsa : alg::kEcc, 2);
    put(out, fields.name_algorithm, 2);
    put(out, fields.attributes, 4);
    put_sized(out, fields.auth_policy);
    put(out, fields.symmetric.algorithm, 2);
    if (fields.symmetric.algorithm != alg::kNull) {
        put(out, fields.symmetric.key_bits, 2);
        put(out, fields.symmetric.mode, 2);
    }
    put(out, fields.scheme, 2);
    if (fields.scheme != alg::kNull) put(out, fields.scheme_hash, 2);
    if (key.kind() == KeyKind::rsa) put_modulus(out, key);
    else put_point(out, key, fields.short_coordinates);
    return out;
}

TpmPublicFields ak_fields(const crypto::PublicKey& key)
{
    TpmPublicFields fields;
    fields.scheme = key.kind() == KeyKind::rsa ? alg::kRsassa : alg::kEcdsa;
    fields.scheme_hash = static_cast<std::uint16_t>(hash_of(key.kind()));
    return fields;
}

TpmPublicFields ek_fields()
{
    using namespace attest::tpm_attribute;
    TpmPublicFields fields;
    fields.attributes = kFixedTpm | kFixedParent | kSensitiveDataOrigin | kAdminWithPolicy | kRestricted | kDecrypt;
    fields.auth_policy = Bytes(32, 0x83);  // a policy of its own: nothing here evaluates it
    fields.symmetric = {alg::kAes, 128, alg::kCfb};
    return fields;
}

attest::TpmSignature tpm_sign(const crypto::SigningKey& key, ByteView message, bool pss)
{
    using crypto::SignatureScheme;
    const KeyKind kind = key.public_key().kind();
    if (kind == KeyKind::rsa) {
        const auto scheme = pss ? SignatureScheme::rsa_pss_sha256 : SignatureScheme::rsa_pkcs1_sha256;
        return {pss ? TpmSignatureKind::rsapss : TpmSignatureKind::rsassa,
                hash_of(kind),
                key.sign(scheme, message).value_or(Bytes{}),
                {},
                {}};
    }
    const auto scheme = kind == KeyKind::ec_p256 ? SignatureScheme::ecdsa_p256_sha256 : SignatureScheme::ecdsa_p384_sha384;
    const Bytes raw = key.sign(scheme, message).value_or(Bytes{});
    const ByteView view = raw;
    return {TpmSignatureKind::ecdsa,
            hash_of(kind),
            {},
            to_bytes(view.first(raw.size() / 2)),
            to_bytes(view.subspan(raw.size() / 2))};
}

SimulatedTpm::SimulatedTpm(crypto::SigningKey key) : ak(std::move(key))
{
    for (std::uint32_t i = 0; i < attest::kPcrCount; ++i)
        pcrs[i] = attest::digest(bank, as_bytes("register " + std::to_string(i)));
}

Bytes SimulatedTpm::ak_public() const { return encode_tpm_public(ak_fields(ak.public_key()), ak.public_key()); }

TpmQuoteFields SimulatedTpm::quote_fields(const attest::PcrSelection& selection, ByteView extra_data) const
{
    TpmQuoteFields fields;
    fields.qualified_signer = Bytes{0x00, 0x0b};
    append(fields.qualified_signer, crypto::sha256(as_bytes("qualified name")).bytes());
    fields.extra_data = to_bytes(extra_data);
    fields.selections = {encode_selection(selection)};
    Bytes all;
    for (const std::uint32_t index : selection.pcrs) append(all, pcrs.at(index));
    fields.pcr_digest = attest::digest(hash_of(ak.public_key().kind()), all);
    return fields;
}

attest::TpmEvidence SimulatedTpm::evidence(const TpmQuoteFields& fields, const attest::PcrSelection& selection) const
{
    attest::TpmEvidence out{encode_tpm_quote(fields), {}, ak_public(), selection.bank, {}};
    out.signature = attest::encode(tpm_sign(ak, out.attest));
    for (const std::uint32_t index : selection.pcrs) out.pcrs[index] = pcrs.at(index);
    return out;
}

attest::TpmEvidence SimulatedTpm::quote(const attest::PcrSelection& selection, ByteView extra_data) const
{
    return evidence(quote_fields(selection, extra_data), selection);
}

}  // namespace iapp::simtee
