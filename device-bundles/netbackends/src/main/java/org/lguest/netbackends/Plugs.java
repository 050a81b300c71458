package org.lguest.netbackends;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.BackendProvider;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * Opens backends by their spec for backends that stand in front of another: the Host knows only the one in front, so it is here that
 * those behind change when their bundles do. Holds references to the providers and not the providers themselves, since one of them is
 * whoever asks.
 */
@Component(service = Plugs.class)
public final class Plugs {
    private final Function<ServiceReference<BackendProvider>, BackendProvider> service;
    private final List<Plug> open = new CopyOnWriteArrayList<>();
    private final List<ServiceReference<BackendProvider>> providers = new CopyOnWriteArrayList<>();

    /** Called by Declarative Services. */
    @Activate
    public Plugs(BundleContext context) { this(context::getService); }

    /** With another way to the service of a reference, null when it has gone. Those got stay in use as long as this component is. */
    Plugs(Function<ServiceReference<BackendProvider>, BackendProvider> service) { this.service = service; }

    @Reference(service = BackendProvider.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
        policyOption = ReferencePolicyOption.GREEDY, updated = "rankingChanged")
    void bindProvider(ServiceReference<BackendProvider> provider) {
        providers.add(provider);
        seat();
    }

    void unbindProvider(ServiceReference<BackendProvider> provider) {
        providers.remove(provider);
        seat();
    }

    void rankingChanged(ServiceReference<BackendProvider> provider) { seat(); }

    private void seat() { open.forEach(p -> p.seat(best(p.scheme()))); }

    /**
     * Opens a backend for network cards. Where the guest runs already, its card is plugged in again, perhaps in the middle of an update:
     * then a provider that is not there yet may come later.
     *
     * @throws IOException with a sentence for the user
     */
    Plug open(Guest guest, String spec) throws IOException {
        Plug plug = new Plug(guest, spec, open::remove);
        BackendProvider best = best(plug.scheme());
        if (best != null) plug.open(best);
        else if (guest.vcpu() == null) throw new IOException("no backend '" + plug.scheme() + "' for net devices is installed; there are: " + schemes());
        open.add(plug);
        return plug;
    }

    private BackendProvider best(String scheme) {
        return providers.stream().sorted(Comparator.reverseOrder()).map(service).filter(p -> p != null && p.type().equals(DeviceType.NET)
            && p.scheme().equals(scheme)).findFirst().orElse(null);
    }

    private String schemes() {
        return providers.stream().map(service).filter(p -> p != null && p.type().equals(DeviceType.NET)).map(BackendProvider::scheme)
            .collect(Collectors.toCollection(TreeSet::new)).stream().collect(Collectors.joining(", "));
    }
}
