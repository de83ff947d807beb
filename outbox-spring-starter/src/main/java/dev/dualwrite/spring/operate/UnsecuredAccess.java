package dev.dualwrite.spring.operate;

import java.security.Principal;
import org.jspecify.annotations.Nullable;

/** Where nobody is known: everybody may look, and act only if a property says so. Immutable. */
record UnsecuredAccess(boolean writes) implements OperatorAccess {

    /** In the audit it must be seen that nobody proved who they are. */
    private static final String NAME = "unsecured";

    private static final String REFUSAL =
            "nobody is known here, since Spring Security does not guard this application: add it and"
                    + " give people the role of an operator, or set dualwrite.operator.allow-unsecured-writes=true if nobody else"
                    + " reaches this address";

    @Override
    public Caller caller(@Nullable Principal principal) {
        return new Caller(NAME, true, writes, writes ? null : REFUSAL);
    }
}
