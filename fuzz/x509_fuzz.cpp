// rooms: crypto
// Any bytes as a certificate, a revocation list and PEM text: what parses is exactly what was given, and every reader is
// total.
#include <cstdlib>

#include "crypto/x509.hpp"

namespace {

using namespace iapp;
using namespace iapp::crypto;

void check(bool promise)
{
    if (!promise) std::abort();
}

void read_all(const Certificate& certificate)
{
    check(!certificate.serial().empty() && certificate.serial().size() <= 20);
    check(!certificate.may_sign_certificates() || certificate.is_ca());
    for (const X509Extension& extension : certificate.extensions())
        check(certificate.find_extension(extension.oid) != nullptr);
    check(Certificate::from_pem(certificate.to_pem())->der() == certificate.der());
    (void)certificate.unknown_critical_extension();
    (void)certificate.public_key();
    (void)certificate.verify_signed_by(certificate);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const ByteView bytes(data, size);
    if (const auto certificate = Certificate::from_der(bytes)) {
        check(std::ranges::equal(certificate->der(), bytes));
        read_all(*certificate);
    }
    if (const auto list = Crl::from_der(bytes)) {
        check(std::ranges::equal(list->der(), bytes));
        check(Crl::from_pem(list->to_pem())->der() == list->der());
        (void)list->contains(Bytes{0x01});
    }
    if (const auto chain = parse_pem_certificates(as_text(bytes)))
        for (const Certificate& certificate : *chain) read_all(certificate);
    return 0;
}
