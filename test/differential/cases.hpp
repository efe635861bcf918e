#pragma once
// Cases for verifiers of other projects: quotes and collateral, good ones and mutants, each with our own verdict, as JSON
// lines on standard output. attest.test.mjs runs the others over them.
//   {"base":NAME,"root":hex DER,"quote":hex,"collateral":{...}}
//   {"base":NAME,"case":NAME,"at":seconds,["quote":hex,]["flip":bit,]["collateral":{changed members},]
//    "accepted":bool,"reason":text,"status":text,"advisories":[text]}
#include <functional>

#include "attest/intel_verify.hpp"
#include "simtee/authority.hpp"
#include "support/intel_forms.hpp"

namespace iapp::differential {

/// A good quote with everything it needs.
struct Base {
    std::string name;
    std::string root_pem;
    attest::EvidenceKind kind;
    Bytes quote;
    attest::Collateral collateral;
    UnixSeconds at;             ///< inside every window
    UnixSeconds from;           ///< the first second of the common window of collateral
    UnixSeconds to;             ///< and the last
    std::size_t flip_step = 1;  ///< bytes between two bytes of which one bit is turned; 0: none

    attest::TrustAnchor anchor() const { return *attest::TrustAnchor::from_pem(root_pem); }
};

class Writer {
public:
    explicit Writer(const Base& base);

    /// A case that differs from the base in what is given.
    void write(const std::string& name, const Bytes& quote, const attest::Collateral& collateral, UnixSeconds at) const;
    void quote(const std::string& name, const std::function<void(Bytes&)>& bend) const;
    void collateral(const std::string& name, const std::function<void(attest::Collateral&)>& bend) const;
    void time(const std::string& name, UnixSeconds at) const { write(name, base_.quote, base_.collateral, at); }
    void flip(std::size_t bit) const;

    const Base& base() const { return base_; }

private:
    const Base& base_;
    attest::IntelVerifier cached_;  ///< for flips, of which there are many
};

/// A base that is its own only case; it need not be good.
void write_alone(const Base& base, const std::string& name);

/// Where the fields of this quote are, whatever its certificates are.
test::IntelLayout layout_of(ByteView quote);

/// Quotes and collateral changed without anybody's key: for genuine evidence too.
void write_unsigned_mutants(const Writer& writer);

/// Simulated evidence, changed and signed again.
void write_signed_mutants(UnixSeconds now);

}  // namespace iapp::differential
