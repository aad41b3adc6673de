/// The branches of one module that are worth knowing to have been taken: the rare ones and the dangerous ones.
///
/// At most 64, numbered from 0 without gaps by an enum of the module's own.
public protocol CoverageMark: RawRepresentable, CaseIterable, Sendable where RawValue == UInt8 {}

/// The marks that a value has hit since it was made.
///
/// The values that decide own one each, in every build: `marks.hit(.conflictTruncated)` costs one OR. It is nobody's
/// state: no digest, comparison, log or message has it, and nothing is decided by it. A fleet of simulated runs unites
/// the sets of all its nodes and clients, and fails when a mark was never hit: a branch that no run takes is one that no
/// run checks.
@frozen public struct MarkSet<Mark: CoverageMark>: Hashable, Sendable, BitwiseCopyable {
    /// One bit a mark, at its number.
    public var bits: UInt64 = 0

    /// No mark yet.
    @inlinable public init() {}

    /// The marks at these numbers.
    @inlinable public init(bits: UInt64) { self.bits = bits }

    /// The branch was taken.
    @inlinable @inline(__always) public mutating func hit(_ mark: Mark) { bits |= 1 &<< UInt64(mark.rawValue) }

    /// Adds the marks that another set has.
    @inlinable public mutating func formUnion(_ other: MarkSet) { bits |= other.bits }

    /// Whether the mark was hit.
    @inlinable public func contains(_ mark: Mark) -> Bool { bits & 1 &<< UInt64(mark.rawValue) != 0 }

    /// Whether none was.
    @inlinable public var isEmpty: Bool { bits == 0 }
}

extension MarkSet: Sequence {
    /// The marks in the order of their numbers; numbers that no mark has are passed over.
    public func makeIterator() -> some IteratorProtocol<Mark> {
        var left = bits
        return AnyIterator {
            while left != 0 {
                let number = left.trailingZeroBitCount
                left &= left - 1
                if let mark = Mark(rawValue: UInt8(number)) { return mark }
            }
            return nil
        }
    }
}
