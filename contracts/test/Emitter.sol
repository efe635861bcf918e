// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Emits what it is told and fails in every way a contract can fail. Only for tests.
contract Emitter {
    event Counted(uint256 indexed number, address sender);

    error Refused(string why);

    uint256 public total;

    function count(uint256 number) external {
        total += number;
        emit Counted(number, msg.sender);
    }

    function countSeveral(uint256 first, uint256 amount) external {
        for (uint256 i = 0; i < amount; ++i) emit Counted(first + i, msg.sender);
    }

    /// Passes in an estimate and fails in a block: the total was higher before.
    function countOnce(uint256 number) external {
        require(total < number, "already counted");
        total = number;
        emit Counted(number, msg.sender);
    }

    function failWithText() external pure {
        revert("because of a text");
    }

    function failWithPanic() external pure {
        assert(false);
    }

    function failWithError() external pure {
        revert Refused("because of an error");
    }

    function failSilently() external pure {
        revert();
    }
}
