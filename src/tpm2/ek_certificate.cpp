// The certificate of an endorsement key, from the NV index where its manufacturer put it.
// Source: TCG EK Credential Profile 2.5, section 2.2.1.4 (low range).
#include "tpm2/internal/esys.hpp"

namespace iapp::tpm2 {
namespace {

using internal::check;
using internal::Out;

constexpr ESYS_TR kNone = ESYS_TR_NONE;
constexpr std::size_t kMaxCertificate = 8 * 1024;

TPM2_HANDLE index_of(KeyType type) { return type == KeyType::rsa2048 ? 0x01C00002 : 0x01C0000A; }

Result<bool> is_defined(ESYS_CONTEXT* esys, TPM2_HANDLE index)
{
    TPMI_YES_NO more = 0;
    Out<TPMS_CAPABILITY_DATA> data;
    TRY_OK(check(Esys_GetCapability(esys, kNone, kNone, kNone, TPM2_CAP_HANDLES, index, 1, &more, data.put()),
                 "cannot list the TPM's NV indices"));
    const auto& handles = data->data.handles;
    return handles.count == 1 && handles.handle[0] == index;
}

/// How many bytes one read may return.
Result<UINT16> chunk_size(ESYS_CONTEXT* esys)
{
    TPMI_YES_NO more = 0;
    Out<TPMS_CAPABILITY_DATA> data;
    TRY_OK(check(
        Esys_GetCapability(esys, kNone, kNone, kNone, TPM2_CAP_TPM_PROPERTIES, TPM2_PT_NV_BUFFER_MAX, 1, &more, data.put()),
        "cannot ask for the TPM's limits"));
    const auto& properties = data->data.tpmProperties;
    const bool known = properties.count == 1 && properties.tpmProperty[0].property == TPM2_PT_NV_BUFFER_MAX;
    const UINT32 most = known ? properties.tpmProperty[0].value : 512;
    return static_cast<UINT16>(std::clamp<UINT32>(most, 64, TPM2_MAX_NV_BUFFER_SIZE));
}

/// A handle of the library that stands for something permanent: closed here, nothing happens in the TPM.
class Reference {
public:
    explicit Reference(ESYS_CONTEXT* esys) : esys_(esys) {}
    Reference(const Reference&) = delete;
    Reference& operator=(const Reference&) = delete;
    ~Reference()
    {
        if (value != kNone) (void)Esys_TR_Close(esys_, &value);
    }
    ESYS_TR value = kNone;

private:
    ESYS_CONTEXT* esys_;
};

Result<Bytes> read_all(ESYS_CONTEXT* esys, ESYS_TR index)
{
    Out<TPM2B_NV_PUBLIC> described;
    TRY_OK(check(Esys_NV_ReadPublic(esys, index, kNone, kNone, kNone, described.put(), nullptr),
                 "cannot look at the certificate's NV index"));
    const std::size_t size = described->nvPublic.dataSize;
    if (size > kMaxCertificate)
        return fail(ErrorKind::corrupt, "tpm2.ek_certificate", "the NV index is larger than any certificate");
    const bool own = (described->nvPublic.attributes & TPMA_NV_AUTHREAD) != 0;
    TRY(const UINT16 chunk, chunk_size(esys));
    Bytes out;
    while (out.size() < size) {
        const auto wanted = static_cast<UINT16>(std::min<std::size_t>(chunk, size - out.size()));
        Out<TPM2B_MAX_NV_BUFFER> part;
        TRY_OK(check(Esys_NV_Read(esys, own ? index : ESYS_TR_RH_OWNER, index, ESYS_TR_PASSWORD, kNone, kNone, wanted,
                                  static_cast<UINT16>(out.size()), part.put()),
                     "cannot read the endorsement certificate"));
        if (part->size == 0) return fail(ErrorKind::corrupt, "tpm2.ek_certificate", "the NV index ends early");
        append(out, ByteView(part->buffer, part->size));
    }
    return out;
}

/// An index may be larger than its certificate: the DER length says where that ends.
Result<Bytes> first_der_value(Bytes bytes)
{
    constexpr std::size_t kHeader = 4;  // SEQUENCE, 0x82, u16be: every certificate is between 256 and 65535 bytes long
    const bool starts = bytes.size() >= kHeader && bytes[0] == 0x30 && bytes[1] == 0x82;
    const std::size_t length = starts ? kHeader + (std::size_t{bytes[2]} << 8) + bytes[3] : 0;
    if (!starts || length > bytes.size())
        return fail(ErrorKind::corrupt, "tpm2.ek_certificate", "the NV index does not hold a DER certificate");
    bytes.resize(length);
    return bytes;
}

}  // namespace

Result<std::optional<Bytes>> Tpm::ek_certificate(KeyType type)
{
    ESYS_CONTEXT* esys = context_->get();
    TRY(const bool there, is_defined(esys, index_of(type)));
    if (!there) return std::optional<Bytes>{};
    Reference index(esys);
    TRY_OK(check(Esys_TR_FromTPMPublic(esys, index_of(type), kNone, kNone, kNone, &index.value),
                 "cannot open the certificate's NV index"));
    TRY(Bytes bytes, read_all(esys, index.value));
    TRY(Bytes certificate, first_der_value(std::move(bytes)));
    return std::optional(std::move(certificate));
}

}  // namespace iapp::tpm2
