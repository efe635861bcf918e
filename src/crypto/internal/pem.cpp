#include "crypto/internal/pem.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "crypto/internal/openssl.hpp"

namespace iapp::crypto::internal {
namespace {

constexpr std::string_view kWhiteSpace = " \t\r\n";

std::unexpected<Error> pem_error(std::string detail)
{
    return refuse(ErrorKind::invalid_input, "crypto.pem", std::move(detail));
}

void skip_white_space(std::string_view& text)
{
    text.remove_prefix(std::min(text.find_first_not_of(kWhiteSpace), text.size()));
}

std::string encode_base64(ByteView bytes)
{
    std::string digits(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // EVP_EncodeBlock() ends with a NUL
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(digits.data()), bytes.data(), static_cast<int>(bytes.size()));
    digits.pop_back();
    return digits;
}

/// Base64 with line ends in it, in its one spelling: EVP_DecodeBlock() also takes others, so the bytes are encoded again and
/// compared.
Result<Bytes> decode_body(std::string_view body)
{
    std::string digits;
    digits.reserve(body.size());
    for (const char c : body)
        if (c != '\r' && c != '\n') digits.push_back(c);
    const std::size_t padding = digits.ends_with("==") ? 2 : digits.ends_with('=') ? 1 : 0;
    Bytes out(digits.size() / 4 * 3);
    if (out.empty() || digits.size() % 4 != 0 ||
        EVP_DecodeBlock(out.data(), reinterpret_cast<const unsigned char*>(digits.data()), static_cast<int>(digits.size())) <
            0)
        return pem_error("the text between the BEGIN and END lines is not base64");
    out.resize(out.size() - padding);
    if (encode_base64(out) != digits) return pem_error("the text between the BEGIN and END lines is not canonical base64");
    return out;
}

Result<Bytes> take_block(std::string_view& text, std::string_view label)
{
    const std::string begin = "-----BEGIN " + std::string(label) + "-----";
    const std::string end = "-----END " + std::string(label) + "-----";
    if (!text.starts_with(begin)) return pem_error("expected the line " + begin);
    const std::size_t close = text.find(end);
    if (close == text.npos) return pem_error("the line " + end + " is missing");
    TRY(Bytes der, decode_body(text.substr(begin.size(), close - begin.size())));
    text.remove_prefix(close + end.size());
    return der;
}

using BioHandle = Owned<BIO, BIO_free_all>;

int no_password(char*, int, int, void*) { return -1; }

}  // namespace

Result<std::vector<Bytes>> decode_pem(std::string_view text, std::string_view label)
{
    constexpr std::size_t kMostText = std::size_t{32} << 20;
    if (text.size() > kMostText) return pem_error("more than 32 MiB of PEM text");
    if (text.ends_with('\0')) text.remove_suffix(1);  // C strings: quotes carry their chain this way
    std::vector<Bytes> blocks;
    for (skip_white_space(text); !text.empty(); skip_white_space(text)) {
        TRY(Bytes der, take_block(text, label));
        blocks.push_back(std::move(der));
    }
    return blocks;
}

Result<Bytes> decode_pem_block(std::string_view text, std::string_view label)
{
    TRY(std::vector<Bytes> blocks, decode_pem(text, label));
    if (blocks.size() != 1) return pem_error("expected one block, found " + std::to_string(blocks.size()));
    return std::move(blocks.front());
}

std::string encode_pem(ByteView der, std::string_view label)
{
    constexpr std::size_t kLine = 64;
    const std::string digits = encode_base64(der);
    std::string out = "-----BEGIN " + std::string(label) + "-----\n";
    for (std::size_t at = 0; at < digits.size(); at += kLine) (out += digits.substr(at, kLine)) += '\n';
    return out += "-----END " + std::string(label) + "-----\n";
}

SecretBytes private_key_pem(evp_pkey_st* key)
{
    const BioHandle bio{BIO_new(BIO_s_secmem())};  // wiped when freed
    must(bio && PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
         "PEM_write_bio_PKCS8PrivateKey");
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return SecretBytes::copy_of({reinterpret_cast<const std::uint8_t*>(text), static_cast<std::size_t>(size)});
}

KeyHandle read_private_key_pem(const SecretBytes& pem)
{
    constexpr std::size_t kMostText = 64 << 10;
    if (pem.empty() || pem.size() > kMostText) return nullptr;
    const ByteView text = pem.reveal(SecretAccess{});
    const BioHandle bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
    must(bio != nullptr, "BIO_new_mem_buf");
    KeyHandle key{PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr)};
    ERR_clear_error();
    return key;
}

}  // namespace iapp::crypto::internal
