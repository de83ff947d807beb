package dev.dualwrite.spring.operate;

import java.security.Principal;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where nobody is known: everybody may look, and act only if a property says so. Immutable.
 *
 * <p>The host decides, too. A page of another site may have its own name resolved to this process (DNS rebinding), is of the same
 * origin then, and passes every other defence; but the browser still sends that name as the host. An address, or the name of this
 * very machine, cannot be had in that way.
 *
 * @param writes whether they may act
 * @param allowedHosts names, apart from localhost, by which this process is reached
 */
record UnsecuredAccess(boolean writes, List<String> allowedHosts) implements OperatorAccess {

    /** In the audit it must be seen that nobody proved who they are. */
    private static final String NAME = "unsecured";

    private static final String REFUSAL =
            "nobody is known here, since Spring Security does not guard this application: add it and"
                    + " give people the role of an operator, or set dualwrite.operator.allow-unsecured-writes=true if nobody else"
                    + " reaches this address";

    private static final Pattern ADDRESS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.%]+]");
    private static final Pattern PORT = Pattern.compile(":\\d*$");

    UnsecuredAccess {
        allowedHosts =
                allowedHosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList();
    }

    @Override
    public Caller caller(@Nullable Principal principal) {
        return new Caller(NAME, true, writes, writes ? null : REFUSAL);
    }

    @Override
    public @Nullable String refusalOfHost(@Nullable String host) {
        if (host == null) {
            return "the host that was asked for is not known, and without Spring Security it must be: add Spring Security";
        }
        String name = PORT.matcher(host.toLowerCase(Locale.ROOT)).replaceFirst("");
        if (name.equals("localhost") || ADDRESS.matcher(name).matches() || allowedHosts.contains(name)) {
            return null;
        }
        return "a host of that name is not taken while Spring Security does not guard this application: ask for localhost or for an"
                + " address, add the name to dualwrite.operator.allowed-hosts, or add Spring Security";
    }
}
