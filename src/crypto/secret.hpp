#pragma once
// Secret bytes: one owner, wiped when dropped, never compared, printed or formatted.
// Not a vault: it does not lock pages. Reading takes a SecretAccess, so `grep SecretAccess` lists every reader.
#include <cstddef>
#include <iosfwd>

#include "base/bytes.hpp"

namespace iapp::crypto {

/// Written out at each place that reads a secret: `key.reveal(SecretAccess{})`. Cannot be made from `{}`.
class SecretAccess {
public:
    explicit constexpr SecretAccess() = default;
};

/// Move-only. A moved-from or default value is empty.
class SecretBytes {
public:
    SecretBytes() = default;

    /// Takes over the vector's memory; the caller's vector is left empty.
    explicit SecretBytes(Bytes&& bytes) noexcept : bytes_(std::move(bytes)) { bytes.clear(); }

    /// `size` zero bytes, to be filled through writable().
    explicit SecretBytes(std::size_t size) : bytes_(size) {}

    /// Copies bytes that the caller still owns and still has to wipe.
    static SecretBytes copy_of(ByteView bytes) { return SecretBytes(iapp::to_bytes(bytes)); }

    SecretBytes(SecretBytes&& other) noexcept : bytes_(std::move(other.bytes_)) { other.bytes_.clear(); }
    SecretBytes& operator=(SecretBytes&& other) noexcept;
    SecretBytes(const SecretBytes&) = delete;
    SecretBytes& operator=(const SecretBytes&) = delete;
    ~SecretBytes() { wipe(); }

    /// A second owner, for the rare value that two threads or two stages need.
    SecretBytes clone(SecretAccess) const { return copy_of(bytes_); }

    /// Valid until this object is moved, wiped or destroyed.
    ByteView reveal(SecretAccess) const { return bytes_; }
    std::span<std::uint8_t> writable(SecretAccess) { return bytes_; }

    std::size_t size() const { return bytes_.size(); }
    bool empty() const { return bytes_.empty(); }

    /// Overwrites the bytes now; the object is empty afterwards.
    void wipe() noexcept;

    /// Wipes the bytes after `size`; sizes above size() are ignored.
    void shrink(std::size_t size) noexcept;

    bool operator==(const SecretBytes&) const = delete;
    friend std::ostream& operator<<(std::ostream&, const SecretBytes&) = delete;

private:
    Bytes bytes_;
};

/// Compares in time that depends on the lengths only. For authentication codes; different lengths are unequal.
bool equal_constant_time(ByteView a, ByteView b);

/// Overwrites memory that is about to be released; the compiler may not remove it.
void wipe(std::span<std::uint8_t> memory) noexcept;

}  // namespace iapp::crypto
