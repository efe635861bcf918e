// The public areas from which keys are made, field by field as the profiles print them.
#include <array>

#include "tpm2/internal/esys.hpp"

namespace iapp::tpm2::internal {
namespace {

/// PolicySecret(TPM_RH_ENDORSEMENT): who may use the endorsement hierarchy may use its key (EK Credential Profile, B.3).
constexpr std::array<std::uint8_t, 32> kPolicyA{0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a, 0x90, 0xcc,
                                                0x8d, 0x46, 0xa5, 0xd7, 0x24, 0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52,
                                                0x0b, 0x64, 0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa};

constexpr TPMA_OBJECT kEkAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN |
                                      TPMA_OBJECT_ADMINWITHPOLICY | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT;
constexpr TPMA_OBJECT kAkAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN |
                                      TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT;

void describe_rsa(TPMT_PUBLIC& area)
{
    area.type = TPM2_ALG_RSA;
    auto& rsa = area.parameters.rsaDetail;
    rsa.symmetric.algorithm = TPM2_ALG_NULL;
    rsa.scheme.scheme = TPM2_ALG_NULL;
    rsa.keyBits = 2048;
    rsa.exponent = 0;  // 65537
}

void describe_p256(TPMT_PUBLIC& area)
{
    area.type = TPM2_ALG_ECC;
    auto& ecc = area.parameters.eccDetail;
    ecc.symmetric.algorithm = TPM2_ALG_NULL;
    ecc.scheme.scheme = TPM2_ALG_NULL;
    ecc.curveID = TPM2_ECC_NIST_P256;
    ecc.kdf.scheme = TPM2_ALG_NULL;
}

/// The cipher for what is stored below an endorsement key.
void set_aes128(TPMT_SYM_DEF_OBJECT& symmetric)
{
    symmetric.algorithm = TPM2_ALG_AES;
    symmetric.keyBits.aes = 128;
    symmetric.mode.aes = TPM2_ALG_CFB;
}

TPM2B_PUBLIC template_of(KeyType type, TPMA_OBJECT attributes)
{
    TPM2B_PUBLIC out = {};
    TPMT_PUBLIC& area = out.publicArea;
    area.nameAlg = TPM2_ALG_SHA256;
    area.objectAttributes = attributes;
    type == KeyType::rsa2048 ? describe_rsa(area) : describe_p256(area);
    return out;
}

}  // namespace

TPM2B_PUBLIC ek_template(KeyType type)
{
    TPM2B_PUBLIC out = template_of(type, kEkAttributes);
    TPMT_PUBLIC& area = out.publicArea;
    fill(area.authPolicy.size, area.authPolicy.buffer, kPolicyA);
    if (type == KeyType::rsa2048) {
        set_aes128(area.parameters.rsaDetail.symmetric);
        area.unique.rsa.size = 256;  // zeros, as the profile says: they go into the derivation
    } else {
        set_aes128(area.parameters.eccDetail.symmetric);
        area.unique.ecc.x.size = 32;
        area.unique.ecc.y.size = 32;
    }
    return out;
}

TPM2B_PUBLIC ak_template(KeyType type)
{
    TPM2B_PUBLIC out = template_of(type, kAkAttributes);
    TPMT_PUBLIC& area = out.publicArea;
    if (type == KeyType::rsa2048) {
        area.parameters.rsaDetail.scheme.scheme = TPM2_ALG_RSASSA;
        area.parameters.rsaDetail.scheme.details.rsassa.hashAlg = TPM2_ALG_SHA256;
    } else {
        area.parameters.eccDetail.scheme.scheme = TPM2_ALG_ECDSA;
        area.parameters.eccDetail.scheme.details.ecdsa.hashAlg = TPM2_ALG_SHA256;
    }
    return out;
}

}  // namespace iapp::tpm2::internal
