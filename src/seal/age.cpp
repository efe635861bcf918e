#include "seal/age.hpp"

#include <algorithm>

#include "codec/bech32.hpp"
#include "crypto/aead.hpp"
#include "crypto/kdf.hpp"
#include "crypto/random.hpp"
#include "seal/internal/age_header.hpp"

namespace iapp::seal {
namespace {

using crypto::SecretAccess;
using crypto::SecretBytes;

constexpr std::string_view kRecipientPrefix = "age";
constexpr std::string_view kIdentityPrefix = "age-secret-key-";
constexpr std::string_view kStanzaType = "X25519";
constexpr std::string_view kWrapInfo = "age-encryption.org/v1/X25519";
constexpr std::size_t kFileKeyBytes = 16;
constexpr std::size_t kWrappedKeyBytes = kFileKeyBytes + crypto::kAeadTagSize;
constexpr std::size_t kPayloadNonceBytes = 16;
constexpr std::size_t kChunkBytes = 64 * 1024;
constexpr std::array<std::uint8_t, crypto::kAeadNonceSize> kZeroNonce{};  // each wrapping key is used once

std::unexpected<Error> corrupt(std::string_view reason, std::string detail)
{
    return fail(ErrorKind::corrupt, reason, std::move(detail));
}

Result<SecretBytes> wrapping_key(const SecretBytes& shared, const crypto::X25519PublicKey& share,
                                 const crypto::X25519PublicKey& recipient)
{
    Bytes salt = to_bytes(ByteView(share.bytes()));
    append(salt, recipient.bytes());
    return crypto::hkdf_sha256(shared, salt, as_bytes(kWrapInfo), 32);
}

Result<age::Stanza> wrap(const SecretBytes& file_key, const AgeRecipient& recipient)
{
    const auto ephemeral = crypto::X25519Key::generate();
    const auto shared = ephemeral.agree(recipient.key());
    if (!shared) return fail(ErrorKind::invalid_input, "seal.age_recipient", "the recipient's key is a point of low order");
    TRY(const SecretBytes key, wrapping_key(*shared, ephemeral.public_key(), recipient.key()));
    TRY(Bytes body, crypto::chacha20_poly1305_seal(key, kZeroNonce, {}, file_key.reveal(SecretAccess{})));
    return age::Stanza{{std::string(kStanzaType), age::unpadded(ephemeral.public_key().bytes())}, std::move(body)};
}

/// The file key when this stanza is for us; an empty secret when it is for someone else.
Result<SecretBytes> unwrap(const age::Stanza& stanza, const AgeIdentity& identity)
{
    if (stanza.args.front() != kStanzaType) return SecretBytes{};
    const auto raw = stanza.args.size() == 2 ? age::parse_unpadded(stanza.args[1]) : Result<Bytes>(Bytes{});
    if (!raw || raw->size() != 32 || stanza.body.size() != kWrappedKeyBytes)
        return corrupt("seal.age_header", "an X25519 stanza does not have one share of 32 bytes and a body of 32");
    TRY(const auto share, crypto::X25519PublicKey::from_bytes(*raw));
    const auto shared = identity.key().agree(share);
    if (!shared) return corrupt("seal.age_header", "an X25519 stanza holds a point of low order");
    TRY(const SecretBytes key, wrapping_key(*shared, share, identity.key().public_key()));
    auto file_key = crypto::chacha20_poly1305_open(key, kZeroNonce, {}, stanza.body);
    return file_key ? std::move(file_key) : Result<SecretBytes>(SecretBytes{});
}

Result<SecretBytes> find_file_key(const age::Header& header, const AgeIdentity& identity)
{
    SecretBytes found;
    for (const age::Stanza& stanza : header.stanzas) {
        TRY(SecretBytes file_key, unwrap(stanza, identity));
        if (found.empty()) found = std::move(file_key);
    }
    if (found.empty())
        return fail(ErrorKind::permission_denied, "seal.age_not_for_us",
                    "the file is encrypted to other recipients than this identity");
    return found;
}

Result<Hash256> header_mac(const SecretBytes& file_key, ByteView authenticated)
{
    TRY(const SecretBytes key, crypto::hkdf_sha256(file_key, {}, as_bytes("header"), 32));
    return crypto::hmac_sha256(key, authenticated);
}

Result<crypto::AeadContext> payload_cipher(const SecretBytes& file_key, ByteView nonce)
{
    TRY(const SecretBytes key, crypto::hkdf_sha256(file_key, nonce, as_bytes("payload"), 32));
    return crypto::AeadContext::chacha20_poly1305(key);
}

/// STREAM: an 11-byte big-endian counter and a byte that is 1 for the last chunk only.
std::array<std::uint8_t, crypto::kAeadNonceSize> chunk_nonce(std::uint64_t index, bool last)
{
    std::array<std::uint8_t, crypto::kAeadNonceSize> out{};
    for (std::size_t i = 0; i < 8; ++i) out[10 - i] = static_cast<std::uint8_t>(index >> (8 * i));
    out[11] = last ? 1 : 0;
    return out;
}

Status seal_payload(const codec::ByteSource& plaintext, crypto::AeadContext& cipher, const codec::ByteSink& sink)
{
    SecretBytes buffer(kChunkBytes + crypto::kAeadTagSize);
    const std::span<std::uint8_t> room = buffer.writable(SecretAccess{});
    std::uint8_t ahead = 0;
    for (std::uint64_t index = 0;; ++index) {
        const std::size_t carried = index == 0 ? 0 : 1;
        if (carried != 0) room[0] = ahead;
        TRY(const std::size_t more, codec::read_up_to(plaintext, room.subspan(carried, kChunkBytes + 1 - carried)));
        const bool last = carried + more <= kChunkBytes;
        const std::size_t size = last ? carried + more : kChunkBytes;
        if (!last) ahead = room[kChunkBytes];
        TRY_OK(cipher.seal(chunk_nonce(index, last), {}, room.first(size), room.first(size + crypto::kAeadTagSize)));
        TRY_OK(sink(room.first(size + crypto::kAeadTagSize)));
        if (last) return {};
    }
}

Status open_payload(age::Reader& reader, crypto::AeadContext& cipher, const codec::ByteSink& sink)
{
    constexpr std::size_t kSealedChunk = kChunkBytes + crypto::kAeadTagSize;
    SecretBytes buffer(kSealedChunk + 1);
    const std::span<std::uint8_t> room = buffer.writable(SecretAccess{});
    std::uint8_t ahead = 0;
    for (std::uint64_t index = 0;; ++index) {
        const std::size_t carried = index == 0 ? 0 : 1;
        if (carried != 0) room[0] = ahead;
        TRY(const std::size_t more, reader.fill(room.subspan(carried)));
        const bool last = carried + more <= kSealedChunk;
        const std::size_t size = last ? carried + more : kSealedChunk;
        if (!last) ahead = room[kSealedChunk];
        if (size < crypto::kAeadTagSize || (index != 0 && size == crypto::kAeadTagSize))
            return corrupt("seal.age_end", "the file was cut, or ends in an empty chunk");
        const std::span<std::uint8_t> plaintext = room.first(size - crypto::kAeadTagSize);
        if (!cipher.open(chunk_nonce(index, last), {}, room.first(size), plaintext))
            return corrupt("seal.age_chunk",
                           "chunk " + std::to_string(index) + " was changed, moved, or is not the end it should be");
        if (!plaintext.empty()) TRY_OK(sink(plaintext));
        if (last) return {};
    }
}

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

}  // namespace

Result<AgeRecipient> AgeRecipient::parse(std::string_view text)
{
    const auto raw = codec::parse_bech32(text, kRecipientPrefix);
    if (!raw || raw->size() != 32 || text.front() != 'a')
        return fail(ErrorKind::invalid_input, "seal.age_recipient",
                    "an age recipient is \"age1\" and 58 more lower-case characters");
    TRY(const auto key, crypto::X25519PublicKey::from_bytes(*raw));
    return AgeRecipient(key);
}

std::string AgeRecipient::text() const { return codec::encode_bech32(kRecipientPrefix, key_.bytes()); }

AgeIdentity AgeIdentity::generate() { return AgeIdentity(crypto::X25519Key::generate()); }

Result<AgeIdentity> AgeIdentity::parse(const SecretBytes& text)
{
    const auto invalid = [] {
        return fail(ErrorKind::invalid_input, "seal.age_identity",
                    "expected one AGE-SECRET-KEY-1... line; other lines are empty or begin with '#'");
    };
    std::string_view found;
    for (std::string_view rest = as_text(text.reveal(SecretAccess{})); !rest.empty();) {
        const std::size_t end = rest.find('\n');
        std::string_view line = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || line.starts_with('#')) continue;
        if (!found.empty()) return invalid();
        found = line;
    }
    if (!found.starts_with('A')) return invalid();
    auto raw = codec::parse_bech32(found, kIdentityPrefix);
    if (!raw || raw->size() != 32) return invalid();
    const SecretBytes scalar(std::move(*raw));
    TRY(auto key, crypto::X25519Key::from_secret(scalar));
    return AgeIdentity(std::move(key));
}

AgeRecipient AgeIdentity::recipient() const { return AgeRecipient(key_.public_key()); }

SecretBytes AgeIdentity::text() const
{
    std::string text = codec::encode_bech32(kIdentityPrefix, key_.secret().reveal(SecretAccess{}));
    std::ranges::transform(text, text.begin(), upper);
    SecretBytes out = SecretBytes::copy_of(as_bytes(text));
    crypto::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    return out;
}

Status seal_age(const codec::ByteSource& plaintext, const std::vector<AgeRecipient>& recipients, const codec::ByteSink& sink)
{
    if (recipients.empty()) return fail(ErrorKind::invalid_input, "seal.age_no_recipient", "name at least one recipient");
    const SecretBytes file_key = crypto::random_secret(kFileKeyBytes);
    std::vector<age::Stanza> stanzas;
    for (const AgeRecipient& recipient : recipients) {
        TRY(age::Stanza stanza, wrap(file_key, recipient));
        stanzas.push_back(std::move(stanza));
    }
    const std::string header = age::print_stanzas(stanzas);
    TRY(const Hash256 mac, header_mac(file_key, as_bytes(header)));
    TRY_OK(sink(as_bytes(header + ' ' + age::unpadded(mac.bytes()) + '\n')));
    const Bytes nonce = crypto::random_bytes(kPayloadNonceBytes);
    TRY_OK(sink(nonce));
    TRY(auto cipher, payload_cipher(file_key, nonce));
    return seal_payload(plaintext, cipher, sink);
}

Status open_age(const codec::ByteSource& sealed, const AgeIdentity& identity, const codec::ByteSink& sink)
{
    age::Reader reader(sealed);
    TRY(const age::Header header, age::read_header(reader));
    TRY(const SecretBytes file_key, find_file_key(header, identity));
    TRY(const Hash256 mac, header_mac(file_key, header.authenticated));
    if (!crypto::equal_constant_time(mac.bytes(), header.mac))
        return corrupt("seal.age_mac", "the header was changed after it was written");
    std::array<std::uint8_t, kPayloadNonceBytes> nonce;
    TRY(const std::size_t have, reader.fill(nonce));
    if (have != nonce.size()) return corrupt("seal.age_end", "the file ends before its payload");
    TRY(auto cipher, payload_cipher(file_key, nonce));
    return open_payload(reader, cipher, sink);
}

}  // namespace iapp::seal
