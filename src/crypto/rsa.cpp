#include "crypto/rsa.hpp"

#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "crypto/internal/openssl.hpp"
#include "crypto/internal/pem.hpp"

namespace iapp::crypto {
namespace {

using internal::KeyContext;
using internal::must;

constexpr int kLeastBits = 2048;
constexpr int kMostBits = 8192;
constexpr std::size_t kPadding = 11;  // RFC 8017 s.7.2.1

std::unexpected<Error> pem_error(std::string detail)
{
    return internal::refuse(ErrorKind::invalid_input, "crypto.rsa_pem", std::move(detail));
}

Status check_bits(int bits)
{
    if (bits >= kLeastBits && bits <= kMostBits) return {};
    return fail(ErrorKind::invalid_input, "crypto.rsa_size",
                "an RSA key has 2048 to 8192 bits, got " + std::to_string(bits));
}

Result<KeyHandle> check_key(KeyHandle key)
{
    if (!key || EVP_PKEY_is_a(key.get(), "RSA") != 1) return pem_error("the PEM text holds no RSA key");
    TRY_OK(check_bits(EVP_PKEY_get_bits(key.get())));
    return key;
}

Result<KeyHandle> parse_public(std::string_view pem)
{
    const auto der = internal::decode_pem_block(pem, "PUBLIC KEY");
    if (!der) return pem_error(der.error().detail);
    const std::uint8_t* at = der->data();
    KeyHandle key{d2i_PUBKEY_ex(nullptr, &at, static_cast<long>(der->size()), nullptr, nullptr)};
    if (at != der->data() + der->size()) return pem_error("the PEM block holds more than a SubjectPublicKeyInfo");
    return check_key(std::move(key));
}

std::size_t modulus_size(const KeyHandle& key) { return static_cast<std::size_t>(EVP_PKEY_get_size(key.get())); }

KeyContext context_of(const KeyHandle& key)
{
    KeyContext context{EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr)};
    must(context != nullptr, "EVP_PKEY_CTX_new_from_pkey");
    return context;
}

/// OAEP with SHA-256 throughout. The context takes over a copy of the label.
void set_oaep(const KeyContext& context, ByteView label)
{
    const EVP_MD* md = internal::digest(internal::Digest::sha256);
    must(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), md) == 1 && EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), md) == 1,
         "EVP_PKEY_CTX_set_rsa_oaep_md");
    if (label.empty()) return;
    void* copy = OPENSSL_memdup(label.data(), label.size());
    must(copy != nullptr && EVP_PKEY_CTX_set0_rsa_oaep_label(context.get(), copy, static_cast<int>(label.size())) == 1,
         "EVP_PKEY_CTX_set0_rsa_oaep_label");
}

}  // namespace

Result<Bytes> rsa_oaep_sha256_encrypt(const PublicKey& key, ByteView label, const SecretBytes& text)
{
    constexpr std::size_t kOaepPadding = 2 * 32 + 2;  // RFC 8017 s.7.1.1
    if (key.kind() != KeyKind::rsa) return pem_error("OAEP needs an RSA key");
    Bytes out(key.bits() / 8);
    if (text.size() > out.size() - kOaepPadding)
        return fail(ErrorKind::invalid_input, "crypto.rsa_length",
                    "this key encrypts at most " + std::to_string(out.size() - kOaepPadding) + " bytes");
    const KeyContext context{EVP_PKEY_CTX_new_from_pkey(nullptr, key.native(), nullptr)};
    must(context && EVP_PKEY_encrypt_init(context.get()) == 1, "EVP_PKEY_encrypt_init");
    set_oaep(context, label);
    std::size_t size = out.size();
    if (EVP_PKEY_encrypt(context.get(), out.data(), &size, text.reveal(SecretAccess{}).data(), text.size()) != 1)
        return pem_error("the key is not usable for encryption");
    return out;
}

Result<Bytes> rsa_pkcs1_encrypt(std::string_view pem_spki, const SecretBytes& text)
{
    TRY(const KeyHandle key, parse_public(pem_spki));
    Bytes out(modulus_size(key));
    if (text.size() > out.size() - kPadding)
        return fail(ErrorKind::invalid_input, "crypto.rsa_length",
                    "this key encrypts at most " + std::to_string(out.size() - kPadding) + " bytes");
    const KeyContext context = context_of(key);
    std::size_t size = out.size();
    if (EVP_PKEY_encrypt_init(context.get()) != 1 || EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1 ||
        EVP_PKEY_encrypt(context.get(), out.data(), &size, text.reveal(SecretAccess{}).data(), text.size()) != 1)
        return pem_error("the key is not usable for encryption");
    return out;
}

Result<RsaKey> RsaKey::generate(int bits)
{
    TRY_OK(check_bits(bits));
    KeyHandle key{EVP_RSA_gen(static_cast<unsigned>(bits))};
    must(key != nullptr, "EVP_RSA_gen");
    return RsaKey(std::move(key));
}

Result<RsaKey> RsaKey::from_pem(const SecretBytes& pem)
{
    TRY(KeyHandle key, check_key(internal::read_private_key_pem(pem)));
    return RsaKey(std::move(key));
}

SecretBytes RsaKey::private_pem() const { return internal::private_key_pem(key_.get()); }

std::string RsaKey::public_pem() const
{
    std::uint8_t* der = nullptr;
    const int size = i2d_PUBKEY(key_.get(), &der);
    must(size > 0, "i2d_PUBKEY");
    const internal::Given owner(der);
    return internal::encode_pem({der, static_cast<std::size_t>(size)}, "PUBLIC KEY");
}

Result<SecretBytes> RsaKey::decrypt_pkcs1(ByteView ciphertext) const
{
    const KeyContext context = context_of(key_);
    SecretBytes out(modulus_size(key_));
    std::size_t size = out.size();
    must(EVP_PKEY_decrypt_init(context.get()) == 1 && EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1,
         "EVP_PKEY_decrypt_init");
    if (EVP_PKEY_decrypt(context.get(), out.writable(SecretAccess{}).data(), &size, ciphertext.data(), ciphertext.size()) !=
        1)
        return internal::refuse(ErrorKind::unauthenticated, "crypto.rsa_decrypt", "not encrypted to this key, or damaged");
    out.shrink(size);
    return out;
}

Result<SecretBytes> RsaKey::decrypt_oaep_sha256(ByteView label, ByteView ciphertext) const
{
    const KeyContext context = context_of(key_);
    must(EVP_PKEY_decrypt_init(context.get()) == 1, "EVP_PKEY_decrypt_init");
    set_oaep(context, label);
    SecretBytes out(modulus_size(key_));
    std::size_t size = out.size();
    if (EVP_PKEY_decrypt(context.get(), out.writable(SecretAccess{}).data(), &size, ciphertext.data(), ciphertext.size()) !=
        1)
        return internal::refuse(ErrorKind::unauthenticated, "crypto.rsa_decrypt", "not encrypted to this key, or damaged");
    out.shrink(size);
    return out;
}

}  // namespace iapp::crypto
