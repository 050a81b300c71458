package org.lguest.guest;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.lguest.api.part.KernelSource;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/**
 * Offers the images in this bundle as kernels: one {@link KernelSource} for each that was built in.
 */
@Component(immediate = true, service = {})
public final class BundledKernels {
    /** An image in a jar. */
    record Image(String name) implements KernelSource {
        @Override
        public InputStream open() throws IOException {
            InputStream in = BundledKernels.class.getResourceAsStream(name);
            if (in == null) throw new FileNotFoundException("this bundle has no image named " + name);
            return in;
        }

        boolean present() { return BundledKernels.class.getResource(name) != null; }
    }

    private final List<ServiceRegistration<KernelSource>> registrations = new ArrayList<>();

    /** Called by Declarative Services. */
    @Activate
    public BundledKernels(BundleContext context) {
        for (Image image : images()) registrations.add(context.registerService(KernelSource.class, image, null));
    }

    /** The images that are in the bundle. */
    static List<Image> images() {
        return List.of(new Image(KernelSource.PUPPY), new Image(KernelSource.PUPPY_PAE), new Image(KernelSource.PUPPY_CLASSIC)).stream()
            .filter(Image::present).toList();
    }

    @Deactivate
    void deactivate() { registrations.forEach(ServiceRegistration::unregister); }
}
